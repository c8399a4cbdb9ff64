package parser

import (
	"strings"
	"sync"
)

// name writes a name, in brackets and quotes where it needs them.
func (p *printer) name(n *Name) {
	switch {
	case n.Client:
		p.put("{", n.Name, "}")
	case !n.Quoted || isPlainName(n.Name):
		p.put(n.Name)
	default:
		p.put("[")
		p.strings(n.Span(), '\'')
		p.put("]")
	}
}

// word is a name that the tree holds as text only, in a place where any word
// may stand.
func (p *printer) word(name string) string {
	s := scanner{text: name}
	if t, _ := s.Next(); t.Value == name && isWord(&t, anyWord) {
		return name
	}
	if strings.ContainsAny(name, "'\\") {
		return "[" + quoteEscaped(name) + "]"
	}
	return "['" + name + "']"
}

// optionName is word for the names of options, which may have a dot.
func (p *printer) optionName(name string) string {
	if hint, ok := strings.CutPrefix(name, "hint."); ok && p.word(hint) == hint {
		return name
	}
	return p.word(name)
}

// words are those that mean something somewhere. A quoted name that is one of
// them keeps its quotes, wherever it stands.
var words = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`true True TRUE false False FALSE null asc desc nulls first last on with from step in range
		default id limit output optional order declare partition title project pack edges nodes others bin kind view pattern
		query_parameters access database typeof dynamic datatable externaldata external_data toscalar totable materialize
		entity_group hint h H not and or characters threshold`) {
		m[w] = true
	}
	for _, set := range []map[string]bool{unnamed, onlyDeclared, onlyReferred} {
		for w := range set {
			m[w] = true
		}
	}
	for w := range infixes {
		m[w] = true
	}
	for w := range typedLiterals {
		m[w] = true
	}
	for _, w := range statementKeywords {
		m[w] = true
	}
	for w, e := range operators {
		m[w] = true
		for _, o := range e.info.Options {
			m[o] = true
		}
	}
	return m
})

// isPlainName reports whether a name needs no quotes.
func isPlainName(s string) bool {
	if s == "" || isDigit(s[0]) || strings.HasPrefix(s, "__") || words()[s] {
		return false
	}
	for i := range len(s) {
		if !isIdentByte(s[i]) {
			return false
		}
	}
	return true
}
