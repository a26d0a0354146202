# SPDX-License-Identifier: Apache-2.0
# gnuplot -e "data='soak.tsv'; out='soak.svg'" soak.plot: what the processes of a soak held, second by second.
set terminal svg size 1000,760 font "Helvetica,12" background "white"
set output out
set datafile separator "\t"
set grid lc rgb "#dddddd"
set yrange [0:*]
set autoscale xfix
set key top center horizontal outside
set xlabel "minutes"
titles = "memory,_MiB descriptors threads locked_memory,_MiB"
title_of(i) = system("echo '".word(titles, i)."' | tr _ ' '")
scale(i) = (i == 1 || i == 4) ? 1024.0 : 1.0
set multiplot layout 2,2 title "What the two processes of a soak held, second by second" font ",15"
do for [i = 1:4] {
  set title title_of(i)
  plot for [who = 0:1] data index who using ($1 / 60):(column(i + 1) / scale(i)) with lines lw 1.5 title columnheader(1)
}
unset multiplot
