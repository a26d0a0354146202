# How the project is found by others after installation: pkg-config file and CMake package.
