# SPDX-License-Identifier: Apache-2.0
# gnuplot -e "data='peers.tsv'; out='peers.svg'" peers.plot: what a job and a secret cost, by whom; the count of requests behind each.
set terminal svg size 1000,820 font "Helvetica,12" background "white"
set output out
set datafile separator "\t"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set logscale y
set yrange [0.3:*]
set grid ytics lc rgb "#dddddd"
set xtics rotate by -25 font ",10"
set key outside bottom center horizontal samplen 1
jobs = "the_job:_a_secret_of_AWS,_login,_list,_logout a_secret_of_AWS a_secret_of_Azure,_as_a_machine a_secret_of_Google,_by_a_key"
title_of(i) = system("echo '".word(jobs, i + 1)."' | tr _ ' '")
set multiplot layout 2,2
do for [i = 0:3] {
  set title title_of(i)
  plot data index i using 3:xtic(stringcolumn(2)." (".stringcolumn(6).")") title "wall, ms" lc rgb "#4477aa", \
       '' index i using 4 title "processor, ms" lc rgb "#ee6677", '' index i using 5 title "memory, MiB" lc rgb "#bbbbbb"
}
unset multiplot
