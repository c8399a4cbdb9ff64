package fn

import (
	"unicode/utf8"

	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	// The right side is any number of values; an array counts as its elements.
	list := func(build func(needles []string) func(string) bool) []Overload {
		return []Overload{{Params: []Param{P(table.String), Any}, Variadic: true, Result: table.Bool, Kernel: manyKernel(build)}}
	}
	operator(Scalar{Name: "has_any", Family: "string", Doc: "Tells whether the left text has any of the right ones as a whole term; case does not count.", Page: "has-any-operator",
		Examples: []Example{{`print "North America" has_any ("south", "north")`, "true"}}, Overloads: list(hasAny)})
	operator(Scalar{Name: "has_all", Family: "string", Doc: "Tells whether the left text has all of the right ones as whole terms; case does not count.", Page: "has-all-operator",
		Examples: []Example{{`print "North and South America" has_all ("south", "north")`, "true"}}, Overloads: list(hasAll)})
}

func manyKernel(build func(needles []string) func(string) bool) Kernel {
	return func(a *Args) vec.Column {
		n, constant := a.shape()
		out := make([]bool, n)
		same := true // for all rows
		for _, c := range a.Cols[1:] {
			same = same && c.Const
		}
		var needles []string
		if same {
			for k, c := range a.Cols[1:] {
				needles = appendTexts(needles, a.Types[k+1], c.Value(0))
			}
			eachText(a.Cols[0], out, build(needles))
			return vec.Column{Arr: vec.NewBools(out, nil), Const: constant}
		}
		for i := range out {
			needles = needles[:0]
			for k, c := range a.Cols[1:] {
				needles = appendTexts(needles, a.Types[k+1], c.Value(i))
			}
			out[i] = build(needles)(a.Cols[0].Str(i))
		}
		return vec.Column{Arr: vec.NewBools(out, nil)}
	}
}

// appendTexts appends the text of a value, or those of an array's elements.
func appendTexts(texts []string, t table.Type, v any) []string {
	s, ok := v.(string)
	if !ok || t != table.Dynamic || s == "" || s[0] != '[' {
		return append(texts, TextOf(t, v))
	}
	p := parsers.Get()
	defer parsers.Put(p)
	array, err := p.Parse(s)
	if err != nil {
		return texts
	}
	for _, e := range array.GetArray() {
		texts = append(texts, elementText(e))
	}
	return texts
}

// Texts returns the text of a value, or those of an array's elements: what
// has_any looks for.
func Texts(t table.Type, v any) []string { return appendTexts(nil, t, v) }

// elementText is what tostring() gives for a part of a dynamic.
func elementText(v *dyn.Value) string {
	switch v.Type() {
	case dyn.Null:
		return ""
	case dyn.String:
		return string(v.GetStringBytes())
	}
	return string(v.MarshalTo(nil))
}

// fewNeedles is the number of texts up to which looking for each of them is
// faster than looking up each term.
const fewNeedles = 8

func hasAny(needles []string) func(string) bool {
	var tests []*needle
	terms := map[string]bool{}
	for _, text := range needles {
		if len(needles) > fewNeedles && isTerm(text) {
			terms[foldKey(text)] = true
		} else {
			tests = append(tests, newNeedle(text, true))
		}
	}
	return func(hay string) bool {
		for _, n := range tests {
			if n.term(hay, true, true) {
				return true
			}
		}
		return len(terms) > 0 && anyTerm(hay, terms)
	}
}

func hasAll(needles []string) func(string) bool {
	tests := make([]*needle, len(needles))
	for i, text := range needles {
		tests[i] = newNeedle(text, true)
	}
	return func(hay string) bool {
		for _, n := range tests {
			if !n.term(hay, true, true) {
				return false
			}
		}
		return true
	}
}

// isTerm tells whether s is letters and digits only.
func isTerm(s string) bool {
	for _, r := range s {
		if !isAlnum(r) {
			return false
		}
	}
	return s != ""
}

// anyTerm looks up each term of a text.
func anyTerm(hay string, terms map[string]bool) bool {
	var buf [64]byte
	for i := 0; i < len(hay); {
		key := buf[:0]
		for i < len(hay) {
			if c := hay[i]; c < utf8.RuneSelf {
				if !alnum[c] {
					break
				}
				key = append(key, lowers[c])
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(hay[i:])
			if !isAlnum(r) {
				break
			}
			r, _ = foldRune(hay[i:])
			key = utf8.AppendRune(key, r)
			i += size
		}
		if len(key) > 0 && terms[string(key)] {
			return true
		}
		if i < len(hay) {
			_, size := utf8.DecodeRuneInString(hay[i:])
			i += size
		}
	}
	return false
}

// foldKey returns s without case; two texts that differ in case alone have
// the same key.
func foldKey(s string) string { return string(appendFold(make([]byte, 0, len(s)), s)) }

func appendFold(b []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			b = append(b, lowers[c])
			i++
			continue
		}
		r, size := foldRune(s[i:])
		if r < 0 { // not UTF-8
			b = append(b, s[i])
		} else {
			b = utf8.AppendRune(b, r)
		}
		i += size
	}
	return b
}
