package main

import (
	"slices"
	"strings"

	"tidemark/engine/agg"
	"tidemark/engine/fn"
	"tidemark/engine/op"
	"tidemark/parser"
	"tidemark/repl"
)

// library is the catalogues of the language, for the prompt.
type library struct{}

func (library) Names(k repl.Kind) []string {
	switch k {
	case repl.Function:
		return fn.DocumentedNames()
	case repl.Aggregation:
		return agg.Names()
	case repl.Plugin:
		return op.PluginNames()
	}
	var out []string
	for _, o := range parser.Operators() {
		out = append(out, o.Keyword)
	}
	return out
}

func (library) Topic(kind repl.Kind, name string) (repl.Topic, bool) {
	switch kind {
	case repl.Operator:
		return operator(name)
	case repl.Aggregation:
		if f, ok := agg.Lookup(name); ok {
			return repl.Topic{Name: f.Name, Kind: kind, Aliases: f.Aliases, Doc: f.Doc, Slow: f.Slow, Usage: f.Signatures(), Examples: examples(f.Examples), URL: f.URL()}, true
		}
	case repl.Function:
		if f, ok := fn.Describe(name); ok {
			return repl.Topic{Name: f.Name, Kind: kind, Aliases: f.Aliases, Doc: f.Doc, Slow: f.Slow(), Usage: f.Signatures(), Examples: examples(f.Examples), URL: f.URL()}, true
		}
	case repl.Plugin:
		if p, ok := op.LookupPlugin(name); ok && p.Service == "" {
			return repl.Topic{Name: p.Name, Kind: kind, Doc: p.Doc, Slow: p.Slow, Usage: []string{p.Usage()}, Examples: examples(p.Examples), URL: p.URL()}, true
		}
	}
	return repl.Topic{}, false
}

func operator(name string) (repl.Topic, bool) {
	for _, o := range parser.Operators() {
		if o.Keyword == name || slices.Contains(o.Aliases, name) {
			return repl.Topic{Name: o.Keyword, Kind: repl.Operator, Aliases: o.Aliases, Doc: o.Doc, Usage: []string{o.Usage},
				URL: "https://learn.microsoft.com/kusto/query/" + strings.Trim(o.Keyword, "_") + "-operator"}, true
		}
	}
	return repl.Topic{}, false
}

func examples(list []fn.Example) []repl.Example {
	var out []repl.Example
	for _, x := range list {
		out = append(out, repl.Example{Query: x.Query, Result: x.Want})
	}
	return out
}
