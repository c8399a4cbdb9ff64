package fn

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// maxRegexes bounds the cache of compiled expressions.
const maxRegexes = 1024

// compiled is an expression, or why it is none, and a text that every match
// contains, where there is one.
type compiled struct {
	re   *regexp.Regexp
	err  error
	need *needle
	seq  *sequence // nil where the expression is of another kind
}

// matches reports whether there is a match in s.
func (c *compiled) matches(s string) bool {
	if c.seq != nil {
		var m seqMarks
		if found, known := c.seq.find(s, &m); known {
			return found
		}
	}
	return c.re.MatchString(s)
}

// group returns what a group of the first match matched; false where there is
// no match, or the group is not in it.
func (c *compiled) group(s string, group int64) (string, bool) {
	if c.seq != nil {
		var m seqMarks
		if found, known := c.seq.find(s, &m); known {
			if !found || m.at[2*group] < 0 {
				return "", false
			}
			return s[m.at[2*group]:m.at[2*group+1]], true
		}
	}
	var m []int
	if group == 0 {
		m = c.re.FindStringIndex(s)
	} else {
		m = c.re.FindStringSubmatchIndex(s)
	}
	if m == nil || m[2*group] < 0 {
		return "", false
	}
	return s[m[2*group]:m[2*group+1]], true
}

// mayMatch is a quick look at whether s can match at all.
func (c *compiled) mayMatch(s string) bool { return c.need == nil || c.need.in(s) || oddFolds(s) }

var (
	regexes     sync.Map // pattern to *compiled
	regexesHeld atomic.Int64
)

// CompileRegex compiles an expression in Kusto's dialect of RE2, or takes it
// from a cache.
func CompileRegex(pattern string) (*regexp.Regexp, error) {
	c := lookupRegex(pattern)
	return c.re, c.err
}

func lookupRegex(pattern string) *compiled {
	if c, ok := regexes.Load(pattern); ok {
		return c.(*compiled)
	}
	c := compileRegex(pattern)
	// Patterns may come from data: when there are too many begin anew.
	if regexesHeld.Add(1) > maxRegexes {
		regexes.Clear()
		regexesHeld.Store(1)
	}
	regexes.Store(strings.Clone(pattern), c)
	return c
}

func compileRegex(pattern string) *compiled {
	re, err := regexp.Compile(pattern)
	if err != nil {
		if other := translate(pattern); other != pattern {
			if r, e := regexp.Compile(other); e == nil {
				re, err = r, nil
			}
		}
	}
	c := &compiled{re: re, err: err}
	if err != nil {
		return c
	}
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return c
	}
	c.seq = newSequence(tree)
	// Go looks for a prefix that counts case itself.
	c.need = required(tree.Simplify())
	if prefix, _ := re.LiteralPrefix(); c.need != nil && !c.need.fold && strings.HasPrefix(prefix, c.need.text) {
		c.need = nil
	}
	return c
}

// regex is CompileRegex for bodies, where what is wrong gives null.
func regex(pattern string) (*regexp.Regexp, bool) {
	re, err := CompileRegex(pattern)
	return re, err == nil
}

// translate rewrites what Kusto takes and Go does not: \uXXXX and \Z.
func translate(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		i++
		switch c := pattern[i]; {
		case c == 'u' && i+4 < len(pattern) && isHex(pattern[i+1:i+5]):
			b.WriteString(`\x{` + pattern[i+1:i+5] + `}`)
			i += 4
		case c == 'Z':
			b.WriteString(`\z`)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isHex(s string) bool {
	for i := range len(s) {
		if c := lowers[s[i]]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// badRegex is the error for a constant argument that is no regular expression.
func badRegex(arg int, err error) error {
	return &MismatchError{Arg: arg, Msg: "not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: "),
		Hint: "patterns follow RE2, without look-around and back-references; write them as @\"…\" to keep backslashes"}
}

// withRegex completes a function whose argument is a regular expression: a
// constant one that is wrong is an error of the query, not null.
func withRegex(s Scalar, arg int) Scalar {
	plain := s
	s.Resolve = func(args []Arg) (Overload, error) {
		if arg < len(args) {
			if p, ok := args[arg].Str(); ok {
				if _, err := CompileRegex(p); err != nil {
					return Overload{}, badRegex(arg, err)
				}
			}
		}
		o, _, err := plain.Choose(args)
		return o, err
	}
	return s
}

// expand writes a replacement: \1 is what the first group matched, \0 the
// whole, \\ the sign itself. A dollar stands for itself.
func expand(b []byte, replacement, s string, match []int) []byte {
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c != '\\' || i+1 == len(replacement) {
			b = append(b, c)
			continue
		}
		next := replacement[i+1]
		switch {
		case next == c:
			b = append(b, c)
			i++
		case next >= '0' && next <= '9':
			if g := 2 * int(next-'0'); g < len(match) && match[g] >= 0 {
				b = append(b, s[match[g]:match[g+1]]...)
			}
			i++
		default:
			b = append(b, c)
		}
	}
	return b
}

// replaceRegex replaces all matches that do not overlap.
func replaceRegex(s, pattern, replacement string) (string, bool) {
	re, ok := regex(pattern)
	if !ok {
		return "", false
	}
	matches := re.FindAllStringSubmatchIndex(s, -1)
	if matches == nil {
		return s, true
	}
	out := make([]byte, 0, len(s)+len(matches)*len(replacement))
	end := 0
	for _, m := range matches {
		out = append(out, s[end:m[0]]...)
		out = expand(out, replacement, s, m)
		end = m[1]
	}
	return string(append(out, s[end:]...)), true
}

// countRegex counts matches that do not overlap; an empty one is none.
func countRegex(s, pattern string) (int64, bool) {
	re, ok := regex(pattern)
	if !ok {
		return 0, false
	}
	n := int64(0)
	for _, m := range re.FindAllStringIndex(s, -1) {
		if m[1] > m[0] {
			n++
		}
	}
	return n, true
}

// trimStart cuts off a match at the start, trimEnd one at the end.
func trimStart(pattern, s string) (string, bool) {
	re, ok := regex(`\A(?:` + pattern + `)`)
	if !ok {
		return "", false
	}
	if m := re.FindStringIndex(s); m != nil {
		return s[m[1]:], true
	}
	return s, true
}

func trimEnd(pattern, s string) (string, bool) {
	re, ok := regex(`(?:` + pattern + `)\z`)
	if !ok {
		return "", false
	}
	if m := re.FindStringIndex(s); m != nil {
		return s[:m[0]], true
	}
	return s, true
}

// runeIndex is the number of characters in the first n bytes of s.
func runeIndex(s string, n int) int64 { return int64(utf8.RuneCountInString(s[:n])) }
