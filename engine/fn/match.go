package fn

import (
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/vec"
	"tidemark/table"
)

// operators holds the scalar operators by the name they have in a query, such
// as == or !has_cs. They are described as functions are, but called otherwise.
var operators = map[string]*Scalar{}

func operator(s Scalar) {
	for _, name := range append([]string{s.Name}, s.Aliases...) {
		if operators[name] != nil {
			panic("BUG: two operators are named " + name)
		}
		operators[name] = &s
	}
}

// IsTextOperator reports whether an operator compares texts alone.
func IsTextOperator(name string) bool {
	s, ok := operators[name]
	return ok && s.Family == "string" && len(s.Overloads) > 0
}

// Operator returns the operator with a name.
func Operator(name string) (*Scalar, bool) {
	s, ok := operators[name]
	return s, ok
}

// kind is a string operator without the variants for case and negation.
type kind struct {
	name, page string
	test       func(n *needle) func(hay string) bool
	doc        string // ends in what the right side is to the left one
	yes, no    string // a text that is so to "North America", one that is not
}

var kinds = []kind{
	{"has", "has", func(n *needle) func(string) bool { return func(h string) bool { return n.term(h, true, true) } },
		"has the right one as a whole term", "america", "amer"},
	{"hasprefix", "hasprefix", func(n *needle) func(string) bool { return func(h string) bool { return n.term(h, true, false) } },
		"has a term that begins with the right one", "ame", "mer"},
	{"hassuffix", "hassuffix", func(n *needle) func(string) bool { return func(h string) bool { return n.term(h, false, true) } },
		"has a term that ends with the right one", "ica", "amer"},
	{"contains", "contains", func(n *needle) func(string) bool { return n.in },
		"contains the right one anywhere", "h am", "south"},
	{"startswith", "startswith", func(n *needle) func(string) bool { return n.starts },
		"begins with the right one", "nor", "orth"},
	{"endswith", "endswith", func(n *needle) func(string) bool { return n.ends },
		"ends with the right one", "rica", "amer"},
}

// caseKind is =~, which has a name of its own in each variant.
var caseKind = kind{"=~", "equals", func(n *needle) func(string) bool { return n.equals }, "equals the right one", "NORTH AMERICA", "north"}

// olderNames are spellings that the language still takes.
var olderNames = map[string][]string{"contains_cs": {"containscs"}, "!contains": {"notcontains"}, "!contains_cs": {"notcontainscs"}}

func init() {
	for _, k := range kinds {
		for _, cs := range []string{"", "_cs"} {
			k.register(k.name+cs, cs == "", false)
			k.register("!"+k.name+cs, cs == "", true)
		}
	}
	caseKind.register("=~", true, false)
	caseKind.register("!~", true, true)
	operator(withRegex(Scalar{Name: "matches regex", Family: "string", Doc: "Tells whether a regular expression matches somewhere in the left text.", Page: "matches-regex-operator",
		Examples: []Example{{`print "Fabrikam" matches regex "b.*k"`, "true"}}, Overloads: []Overload{matching("matches regex")}}, 1))
}

// register registers a variant of the operator.
func (k kind) register(name string, fold, not bool) {
	doc, page, needle, want := "Tells whether the left text "+k.doc, k.page+"-operator", k.yes, "true"
	if not {
		doc, page, needle = "Tells whether it is not so that the left text "+k.doc, "not-"+page, k.no
	}
	if fold {
		doc += "; case does not count."
	} else {
		doc += "; case counts."
		page = strings.Replace(page, "-operator", "-cs-operator", 1)
		if !not {
			want = "false"
		}
		if k.name == "endswith" || k.name == "hassuffix" {
			want = "true"
		}
	}
	operator(Scalar{Name: name, Aliases: olderNames[name], Family: "string", Doc: doc, Page: page,
		Examples:  []Example{{`print "North America" ` + name + ` "` + needle + `"`, want}},
		Overloads: []Overload{matching(name)}})
}

// Matcher returns the test of a string operator with a given right side. With
// "matches regex", what is no regular expression matches nothing.
func Matcher(op, right string) func(left string) bool {
	if op == "matches regex" {
		return regexTest(right)
	}
	name, not := strings.CutPrefix(op, "!")
	name, cs := strings.CutSuffix(name, "_cs")
	if name == "=~" || name == "~" {
		return caseKind.matcher(right, true, not)
	}
	for _, k := range kinds {
		if k.name == name {
			return k.matcher(right, !cs, not)
		}
	}
	panic("BUG: no such string operator: " + op)
}

func (k kind) matcher(right string, fold, not bool) func(string) bool {
	test := k.test(newNeedle(right, fold))
	if not {
		return func(left string) bool { return !test(left) }
	}
	return test
}

// matching is the overload of a string operator. The test of a right side that
// is the same for all rows is built once, that of one that changes when it does.
func matching(op string) Overload {
	k := func(a *Args) vec.Column {
		left, right := a.Cols[0], a.Cols[1]
		n, constant := a.shape()
		out := make([]bool, n)
		if right.Const {
			eachText(left, out, Matcher(op, right.Str(0)))
			return vec.Column{Arr: vec.NewBools(out, nil), Const: constant}
		}
		var test func(string) bool
		last := ""
		for i := range out {
			if r := right.Str(i); test == nil || r != last {
				test, last = Matcher(op, r), r
			}
			out[i] = test(left.Str(i))
		}
		return vec.Column{Arr: vec.NewBools(out, nil)}
	}
	return Overload{Params: []Param{P(table.String), P(table.String)}, Result: table.Bool, Kernel: k}
}

// eachText tests each row of a Strings column; a null is an empty text.
func eachText(c vec.Column, out []bool, test func(string) bool) {
	if a, ok := c.Arr.(*array.String); ok && !c.Const {
		for i := range out {
			out[i] = test(a.Value(i))
		}
		return
	}
	for i := range out {
		out[i] = test(c.Str(i))
	}
}
