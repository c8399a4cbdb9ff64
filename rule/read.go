package rule

import (
	"slices"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/parser"
)

// Options say how rule files are read.
type Options struct {
	// Parameters are values of the parameters of Azure templates, as a
	// parameters file gives them.
	Parameters *tree.File
}

// Read reads the rules of a file. What is wrong is in file.Errs, with places
// in file.Text; rules with errors are returned as far as they could be read.
func Read(file *tree.File, o Options) []*Rule {
	var out []*Rule
	const hint = "a rule is a mapping with the keys of a Sentinel analytics rule, or a scheduledQueryRules resource"
	docs := file.Documents()
	for _, doc := range docs {
		rules := readDocument(doc, o)
		if len(rules) == 0 && !file.Errs.Fatal() {
			doc.Fail(hint, "there is no rule here")
		}
		out = append(out, rules...)
	}
	if len(docs) == 0 && !file.Errs.Fatal() {
		file.Fail(parser.Span{}, hint, "there is no rule in this file")
	}
	for _, r := range out {
		r.settle()
	}
	return out
}

// readDocument finds out what a document is.
func readDocument(doc *tree.Node, o Options) []*Rule {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return doc.Get(k) != nil })
	}
	if has("query", "queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold", "severity", "name") &&
		!has("properties", "type", "criteria", "resources", "value") {
		return []*Rule{readSentinel(doc)}
	}
	return readAzure(doc, o)
}

// duration reads a span of time.
func duration(into *time.Duration) func(n *tree.Node) {
	return func(n *tree.Node) {
		if n.Kind == tree.List || n.Kind == tree.Map {
			n.Fail("", "a span of time is expected here, and this is %s", n.Kind)
			return
		}
		d, err := ParseDuration(n.Text)
		if err != nil {
			n.Fail("", "%v", err)
			return
		}
		*into = d
	}
}

// text reads a scalar.
func text(into *string) func(n *tree.Node) { return func(n *tree.Node) { n.String(into) } }

// flag reads true or false.
func flag(into *bool) func(n *tree.Node) { return func(n *tree.Node) { n.Bool(into) } }

// texts reads a list of texts.
func texts(into *[]string) func(n *tree.Node) { return func(n *tree.Node) { n.Strings(into) } }

// moment reads a time.
func moment(into *time.Time) func(n *tree.Node) {
	return func(n *tree.Node) {
		t, err := ParseTime(n.Text)
		if err != nil {
			n.Fail("", "%v", err)
			return
		}
		*into = t
	}
}

// pairs reads a mapping of names to texts.
func pairs(into *[]Pair) func(n *tree.Node) {
	return func(n *tree.Node) {
		if n.Kind != tree.Map {
			n.Fail("", "a mapping of names to values is expected here, and this is %s", n.Kind)
			return
		}
		for i, k := range n.Keys {
			p := Pair{Name: k.Text}
			n.Items[i].String(&p.Value)
			*into = append(*into, p)
		}
	}
}

// settle fills in what follows from the rest.
func (r *Rule) settle() {
	if r.ID == "" {
		r.ID = identifier("rule", r.Name, strings.TrimSpace(r.Query))
	}
	if r.Kind == NRT {
		r.Frequency, r.Period = nrtFrequency, nrtFrequency
	}
	r.Suppression = max(r.Suppression, 0)
	if r.Delay < 0 {
		r.Delay = DefaultDelay
	}
	if r.Kind == NRT || r.ByArrival() {
		r.Delay = 0
	}
	if r.Measure.Bin == 0 && r.Measure.Periods > 0 {
		r.Measure.Bin = r.Period / time.Duration(r.Measure.Periods)
	}
}
