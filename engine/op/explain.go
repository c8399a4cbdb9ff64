package op

import (
	"fmt"
	"slices"
	"strings"

	"tidemark/table"
)

// Step is a step of a plan, as it is shown.
type Step struct {
	Depth int // of a result 0; its inputs are one deeper
	Text  string
	// Read is what a step that reads a table has done so far; nil of others,
	// and where it did not come to it.
	Read *table.ScanStats
}

// Explain draws a plan, a step a line, inputs indented below.
func Explain(n Node) string {
	var b strings.Builder
	for _, s := range stepsOf(nil, n, 0) {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", s.Depth), s.Text)
	}
	return b.String()
}

func stepsOf(out []Step, n Node, depth int) []Step {
	out = append(out, Step{Depth: depth, Text: n.String()})
	for _, in := range n.Inputs() {
		out = stepsOf(out, in, depth+1)
	}
	return out
}

// Explain draws the plans of the results.
func (p *Plan) Explain(optimize bool) string {
	text := ""
	for _, r := range p.Results {
		text += Explain(finish(r.Node, optimize))
	}
	return text
}

// Steps are the steps of the plans of the results, with what they have read.
// Parts that ran before, for toscalar() and the like, come first.
func (p *Plan) Steps(optimize bool, stats *Stats) []Step {
	var steps []Step
	for _, d := range p.Deferred {
		steps = append(steps, Step{Text: "first"})
		steps = stepsOf(steps, finish(d.Node, optimize), 1)
	}
	for _, r := range p.Results {
		steps = stepsOf(steps, finish(r.Node, optimize), 0)
	}
	return withReads(steps, stats)
}

// withReads gives the steps what they have read. Steps are known by their
// text: where several have the same, what each did is told in order, and the
// last one has the rest.
func withReads(steps []Step, stats *Stats) []Step {
	stats.mu.Lock()
	defer stats.mu.Unlock()
	last := map[string]int{}
	for _, r := range stats.reads {
		text := r.node.String()
		i := slices.IndexFunc(steps, func(s Step) bool { return s.Text == text && s.Read == nil })
		if i < 0 {
			var again bool
			if i, again = last[text]; !again { // of a part that is bound while the query runs
				steps = append(steps, Step{Text: text})
				i = len(steps) - 1
			}
		}
		last[text] = i
		if steps[i].Read == nil {
			steps[i].Read = &table.ScanStats{}
		}
		steps[i].Read.Add(r.stats)
	}
	return steps
}
