package parser

import (
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// use is how a name is used. Most keywords are names where they cannot be
// anything else; which are not, is as in Microsoft's parser.
type use uint8

const (
	anyWord   use = iota // where no keyword of the language can stand
	reference            // where a value is wanted, and after a dot
	declared             // before = or :, and the like
	byItself             // after let, as, range
)

// unnamed are words that are no names in any use but anyWord; infix operators
// that are words are unnamed too.
var unnamed = wordSet(`
	__contextual_datatable __crossCluster __crossDB __executeAndCache __id __isFuzzy __noWithSource __packedColumn
	__projectAway __sourceColumnIndex and anomalychart areachart asc bagexpansion barchart between boolean byte
	cachingpolicy callout cancel card char columnchart contains_cs containscs cycles dataexport datascope date
	datetime decimal decodeblocks desc double dynamic encodingpolicy endswith endswith_cs expandoutput
	extent_tags_retention external_data first flags float force_remote harddelete hardretention has_all has_any
	has_cs hasprefix hasprefix_cs hassuffix hassuffix_cs hotcache int int16 int32 int64 int8 isfuzzy journal
	ladderchart last like likecs linechart long missing nooptimization notcontains notcontainscs notlike notlikecs
	or others pathformat piechart pivotchart project queries query_results real relaxed restricted_view_access
	row_level_security rowstore rowstore_references rowstore_sealinfo rowstorepolicy rowstores scatterchart seal
	seals shards simple softdelete softretention stackedareachart startswith startswith_cs statistics
	storedqueryresultcontainers string tablepurge time timechart timeline timepivot timespan treemap uint uint16
	uint32 uint64 uint8 ulong union uniqueid unrestrictedviewers views with_itemindex with_match_id with_step_name
	writeaheadlog`)

// onlyDeclared are words that are names where they are declared, and nowhere
// else; onlyReferred those that are so where they are referred to.
var (
	onlyDeclared = wordSet(`accumulate as by contains datatable earliest externaldata find has in invoke latest materialize
		mdm of print sample search set sql title to toscalar totable verbose viewers where`)
	onlyReferred = wordSet(`kind with_source withsource`)
)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// isWord reports whether t is a word that may be a name in this use.
func isWord(t *lexer.Token, u use) bool {
	w := t.Value
	if t.Type != tIdent || strings.IndexByte(w, '-') >= 0 || strings.IndexByte(w, '~') >= 0 {
		return false
	}
	switch u {
	case anyWord:
		return true
	case reference:
		return !unnamed[w] && !onlyDeclared[w]
	case declared:
		return !unnamed[w] && !onlyReferred[w]
	}
	return !unnamed[w] && !onlyDeclared[w] && !onlyReferred[w]
}

// isKeyword reports whether a word is no name in some use.
func isKeyword(w string) bool { return unnamed[w] || onlyDeclared[w] || onlyReferred[w] }

// nameLen is the number of tokens of the name that stands n tokens ahead, or 0.
func (r *reader) nameLen(l *lexer.PeekingLexer, n int, u use) int {
	t := r.peek(l, n)
	switch {
	case isWord(t, u):
		return 1
	case is(t, "["):
		k := 1
		for r.peek(l, n+k).Type == tString {
			k++
		}
		if k > 1 && is(r.peek(l, n+k), "]") {
			return k + 1
		}
	case is(t, "{"):
		word, closing := r.peek(l, n+1), r.peek(l, n+2)
		if isWord(word, anyWord) && is(closing, "}") && end(t) == start(word) && end(word) == start(closing) {
			return 3
		}
	}
	return 0
}

// name reads a name whose length nameLen has found.
func (r *reader) name(l *lexer.PeekingLexer, tokens int) *Name {
	first := l.Next()
	n := &Name{Name: first.Value}
	switch {
	case tokens == 1:
	case is(first, "["):
		n.Quoted = true
		n.Name = r.stringLiteral(l).Text
		l.Next()
	default:
		n.Client = true
		n.Name = l.Next().Value
		l.Next()
	}
	n.SetSpan(r.from(l, start(first)))
	return n
}

// needName reads a name or notes that wanted is missing.
func (r *reader) needName(l *lexer.PeekingLexer, u use, wanted string) (*Name, error) {
	if k := r.nameLen(l, 0, u); k > 0 {
		return r.name(l, k), nil
	}
	return nil, r.missing(l.Peek(), wordHint(l.Peek()), wanted)
}

// wildcardLen is the number of tokens of a name pattern such as Prev* or *_x.
// Its parts stand next to each other.
func (r *reader) wildcardLen(l *lexer.PeekingLexer, n int) int {
	star, k := false, 0
	for {
		t := r.peek(l, n+k)
		part := is(t, "*") || isWord(t, anyWord) || t.Type == tLong && k > 0
		if !part || k > 0 && end(r.peek(l, n+k-1)) != start(t) {
			break
		}
		star = star || is(t, "*")
		k++
	}
	if !star {
		return 0
	}
	return k
}

// wildcard reads a pattern whose length wildcardLen has found; * alone is a
// star.
func (r *reader) wildcard(l *lexer.PeekingLexer, tokens int) Expr {
	first := l.Next()
	pattern := first.Value
	for range tokens - 1 {
		pattern += l.Next().Value
	}
	if pattern == "*" {
		s := &Star{}
		s.SetSpan(span(first))
		return s
	}
	w := &Wildcard{Pattern: pattern}
	w.SetSpan(r.from(l, start(first)))
	return w
}

// column is a name or a pattern of names: what project-away takes.
type column interface{ Expr }

func (r *reader) column(l *lexer.PeekingLexer) (column, error) {
	if k := r.wildcardLen(l, 0); k > 0 {
		return r.wildcard(l, k), nil
	}
	n, err := r.needName(l, byItself, "a column name")
	if n == nil {
		return nil, err
	}
	return n, nil
}

func columns(cs []column) []Expr {
	out := make([]Expr, len(cs))
	for i, c := range cs {
		out[i] = c
	}
	return out
}
