package main

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// report writes the tables.
func report(w io.Writer, engines []*engine, questions []*question) {
	if engines[0].load != nil {
		fmt.Fprintf(w, "| engine | load s | further s | MB on disk |\n|---|---:|---:|---:|\n")
		for _, e := range engines {
			fmt.Fprintf(w, "| %s | %.1f | %.1f | %.0f |\n", e.name, e.load.MS/1e3, e.load.OptimizeMS/1e3, float64(e.load.Bytes)/1e6)
		}
		fmt.Fprintln(w)
	}
	head, line := "| question |", "|---|"
	for _, e := range engines {
		head, line = head+" "+e.name+" ms |", line+"---:|"
	}
	for _, e := range engines[1:] {
		head, line = head+" "+e.name+"/"+engines[0].name+" |", line+"---:|"
	}
	fmt.Fprintln(w, head+" answers |\n"+line+"---|")
	logs := make([]float64, len(engines))
	for _, q := range questions {
		row := "| " + q.ID + " |"
		for _, e := range engines {
			row += fmt.Sprintf(" %.3g |", q.warm[e.name])
		}
		for i, e := range engines[1:] {
			ratio := q.warm[e.name] / q.warm[engines[0].name]
			logs[i+1] += math.Log(ratio)
			row += fmt.Sprintf(" %.1f |", ratio)
		}
		fmt.Fprintln(w, row+map[bool]string{true: " same |", false: " DIFFERENT |"}[q.same])
	}
	if len(engines) > 1 {
		row := "| geometric mean |" + strings.Repeat(" |", len(engines))
		for _, l := range logs[1:] {
			row += fmt.Sprintf(" %.2f |", math.Exp(l/float64(len(questions))))
		}
		fmt.Fprintln(w, row+" |")
	}
}
