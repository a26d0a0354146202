# SPDX-License-Identifier: Apache-2.0
# gnuplot -e "data='growth.tsv'; out='growth.svg'" growth.plot: processor time against the amount of work, both as logarithms.
set terminal svg size 760,520 font "Helvetica,12" background "white"
set output out
set datafile separator "\t"
set logscale xy
set grid lc rgb "#dddddd"
set xlabel "how many"
set ylabel "processor time, microseconds"
set key outside bottom center maxcols 2
array series[4] = ["references, resolved at once", "threads, each with 20,000 cached values and 20 requests", "sections of a configuration", "rows of a report"]
plot for [i = 0:3] data index i using 2:3 with linespoints pt 7 ps 0.6 lw 1.5 title series[i + 1], x with lines dt 2 lc rgb "#999999" title "slope 1"
