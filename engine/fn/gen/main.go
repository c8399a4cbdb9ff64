// Command gen writes docs/functions.md from the catalogues of functions,
// aggregations, plugins and request properties.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"tidemark/engine/agg"
	"tidemark/engine/fn"
	"tidemark/engine/op"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], page(), 0o666); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const intro = `# Functions, aggregations and plugins

<!-- Made by go generate ./engine/fn from what the code says of each function. -->

Every scalar function, aggregation and plugin of ` + "`evaluate`" + `, how it is called, what it does, and an example with its result; a test runs them all. An argument in brackets may be left out, and … stands for more of the last one. ` + "`.help NAME`" + ` at the prompt shows the same.

The types are bool, int, long, real, decimal, string, datetime, timespan, guid and dynamic. *number* is any of int, long, real and decimal; *scalar* is a value of any type. Microsoft's page says more of what each does; [the language](language.md) says where we differ on purpose.

A row of a scalar function, an aggregation or a plugin takes less than a microsecond where nothing else is said, with arguments as long as in the examples: long arrays, bags and texts take longer, as all of them is read. A function of a stored column of strings is computed once for each distinct one.
`

// families are the headings in their order; a family that is not among them
// comes last, under its own name.
var families = []struct{ name, title string }{
	{"string", "Strings"}, {"datetime", "Times"}, {"conversion", "Conversion"}, {"conditional", "Choice and comparison"}, {"dynamic", "Arrays and property bags"},
	{"parse", "Parsing"}, {"math", "Mathematics"}, {"rounding", "Rounding"}, {"bits", "Bits"}, {"encoding", "Encoding"}, {"hash", "Hashes"}, {"guid", "Guids"},
	{"ipv4", "IPv4 addresses"}, {"ipv6", "IPv6 addresses"}, {"window", "Neighbouring rows"}, {"columns", "Columns"}, {"sketches", "Results of hll() and tdigest()"},
	{"series", "Series"}, {"units", "Units of measure"}, {"geo", "Geography"}, {"graph", "Graphs"}, {"tables", "Tables"}, {"session", "Database and session"},
}

// entry is what is written of a function or aggregation.
type entry struct {
	name, doc, url string
	slow           string // when it is and why, or ""
	anchor         string
	aliases, calls []string
	examples       []fn.Example
}

// section is a heading and what stands under it.
type section struct {
	title, anchor string
	entries       []entry
}

func sections() []section {
	byFamily := map[string][]entry{}
	for _, s := range fn.Documented() {
		byFamily[s.Family] = append(byFamily[s.Family], entry{name: s.Name, doc: s.Doc, url: s.URL(), slow: s.Slow(), aliases: s.Aliases, calls: s.Signatures(), examples: s.Examples})
	}
	var out []section
	for _, f := range families {
		out = append(out, section{title: f.title, entries: byFamily[f.name]})
		delete(byFamily, f.name)
	}
	for name, entries := range byFamily {
		out = append(out, section{title: strings.ToUpper(name[:1]) + name[1:], entries: entries})
	}
	slices.SortStableFunc(out[len(families):], func(a, b section) int { return cmp.Compare(a.title, b.title) })
	var aggregations []entry
	for _, f := range agg.All() {
		aggregations = append(aggregations, entry{name: f.Name, doc: f.Doc, url: f.URL(), slow: f.Slow, aliases: f.Aliases, calls: f.Signatures(), examples: f.Examples})
	}
	out = append(out, section{title: "Aggregations", entries: aggregations})
	var plugins []entry
	for _, name := range op.PluginNames() {
		p, _ := op.LookupPlugin(name)
		plugins = append(plugins, entry{name: p.Name, doc: p.Doc, url: p.URL(), slow: p.Slow, calls: []string{"T | evaluate " + p.Usage()}, examples: p.Examples})
	}
	out = append(out, section{title: "Plugins", entries: plugins})
	anchors(out)
	return out
}

// anchors gives each heading what it is linked by: its text, and a number where
// that has come before, as hll_merge has.
func anchors(all []section) {
	seen := map[string]int{}
	next := func(title string) string {
		a := anchor(title)
		n := seen[a]
		if seen[a]++; n > 0 {
			return fmt.Sprintf("%s-%d", a, n)
		}
		return a
	}
	for i := range all {
		all[i].anchor = next(all[i].title)
		for k := range all[i].entries {
			all[i].entries[k].anchor = next(all[i].entries[k].name)
		}
	}
}

func page() []byte {
	var b bytes.Buffer
	b.WriteString(intro)
	all := sections()
	b.WriteString("\n")
	for _, s := range all {
		fmt.Fprintf(&b, "- [%s](#%s): %s\n", s.title, s.anchor, names(s.entries))
	}
	for _, s := range all {
		fmt.Fprintf(&b, "\n## %s\n", s.title)
		for _, e := range s.entries {
			e.write(&b)
		}
	}
	properties(&b)
	absent(&b)
	return b.Bytes()
}

// kinds say what becomes of a request property.
var kinds = map[op.PropertyKind]string{
	op.PropertyWorks: "works", op.PropertyMoot: "changes nothing", op.PropertyOutside: "a warning: queries cannot set it", op.PropertyAbsent: "an error",
}

func properties(b *bytes.Buffer) {
	b.WriteString("\n## Request properties\n\nWhat `set NAME = VALUE;` before a query does. [Kusto's page](https://learn.microsoft.com/kusto/api/rest/request-properties)\n\n| property | type | | |\n|---|---|---|---|\n")
	for _, p := range op.Properties {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", p.Name, p.TypeName(), kinds[p.Kind], p.Doc)
	}
}

func absent(b *bytes.Buffer) {
	b.WriteString("\n## What is absent\n\nFunctions of Kusto's that there are none of here, and what to do instead. A query that calls one is told the same.\n\n")
	for _, name := range fn.AbsentNames() {
		why, _ := fn.Absent(name)
		fmt.Fprintf(b, "- `%s()`: %s.\n", name, why)
	}
	b.WriteString("\nPlugins of Kusto's that need what cannot be reached from here.\n\n")
	for _, p := range op.Plugins() {
		if p.Service != "" {
			fmt.Fprintf(b, "- `%s`: it needs %s.\n", p.Name, p.Service)
		}
	}
}

func names(entries []entry) string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = fmt.Sprintf("[%s](#%s)", e.name, e.anchor)
	}
	return strings.Join(out, ", ")
}

// anchor is what a heading is linked by where there is no other of its text.
func anchor(title string) string {
	return strings.ReplaceAll(strings.Map(func(r rune) rune {
		if r == '(' || r == ')' {
			return -1
		}
		return r
	}, strings.ToLower(title)), " ", "-")
}

func (e entry) write(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### %s\n\n%s [Kusto's page](%s)\n\n```\n%s\n```\n", e.name, e.doc, e.url, strings.Join(e.calls, "\n"))
	if len(e.aliases) > 0 {
		fmt.Fprintf(b, "\nAlso called `%s`.\n", strings.Join(e.aliases, "`, `"))
	}
	if e.slow != "" {
		fmt.Fprintf(b, "\n%s\n", e.slow)
	}
	b.WriteString("\n")
	for _, x := range e.examples {
		fmt.Fprintf(b, "- %s gives %s\n", code(x.Query), code(x.Want))
	}
}

// code writes text as code, with as many backticks as it takes.
func code(s string) string {
	s = strings.ReplaceAll(s, "\n", " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if s == "" {
		return "an empty text"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s[0] == ' ' || s[len(s)-1] == ' ' {
		s = " " + s + " "
	}
	return fence + s + fence
}
