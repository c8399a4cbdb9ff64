package fn

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// regexTest returns the test of "matches regex". Expressions that are texts or
// alternatives of texts are looked for as such; for others a text that every
// match must contain is looked for first, as that is much faster.
func regexTest(pattern string) func(string) bool {
	c := lookupRegex(pattern)
	if c.err != nil {
		return func(string) bool { return false }
	}
	tree, err := syntax.Parse(c.re.String(), syntax.Perl)
	if err != nil {
		return c.re.MatchString
	}
	if tests, ok := literals(unwrap(tree.Simplify())); ok {
		return func(s string) bool {
			for _, n := range tests {
				if n.in(s) {
					return true
				}
			}
			return oddFolds(s) && c.re.MatchString(s)
		}
	}
	if c.need == nil {
		return c.matches
	}
	return func(s string) bool { return c.mayMatch(s) && c.matches(s) }
}

// oddFolds tells whether s has a character that equals an ASCII letter in a
// regular expression without case, but not elsewhere: the long s or the
// Kelvin sign.
func oddFolds(s string) bool { return strings.Contains(s, "\u017f") || strings.Contains(s, "\u212a") }

// unwrap takes off what does not change whether something matches: captures
// around the whole, .* at the start and at the end.
func unwrap(re *syntax.Regexp) *syntax.Regexp {
	for {
		switch {
		case re.Op == syntax.OpCapture:
			re = re.Sub[0]
		case re.Op == syntax.OpConcat && len(re.Sub) > 1 && anything(re.Sub[0]):
			re = rest(re, re.Sub[1:])
		case re.Op == syntax.OpConcat && len(re.Sub) > 1 && anything(re.Sub[len(re.Sub)-1]):
			re = rest(re, re.Sub[:len(re.Sub)-1])
		default:
			return re
		}
	}
}

func rest(re *syntax.Regexp, sub []*syntax.Regexp) *syntax.Regexp {
	if len(sub) == 1 {
		return sub[0]
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Flags: re.Flags, Sub: sub}
}

func anything(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar && (re.Sub[0].Op == syntax.OpAnyChar || re.Sub[0].Op == syntax.OpAnyCharNotNL)
}

// literals returns the texts that an expression is the alternatives of.
func literals(re *syntax.Regexp) ([]*needle, bool) {
	switch re.Op {
	case syntax.OpCapture:
		return literals(re.Sub[0])
	case syntax.OpLiteral:
		if n := literal(re); n != nil {
			return []*needle{n}, true
		}
	case syntax.OpAlternate:
		if len(re.Sub) > fewNeedles {
			return nil, false
		}
		var all []*needle
		for _, sub := range re.Sub {
			n, ok := literals(sub)
			if !ok {
				return nil, false
			}
			all = append(all, n...)
		}
		return all, true
	}
	return nil, false
}

// literal returns a text as a needle where that finds the same, but for
// oddFolds.
func literal(re *syntax.Regexp) *needle {
	text, fold := string(re.Rune), re.Flags&syntax.FoldCase != 0
	if fold && !isASCII(text) || strings.ContainsRune(text, utf8.RuneError) {
		return nil
	}
	return newNeedle(text, fold)
}

// required returns the longest text that every match contains, or nil.
func required(re *syntax.Regexp) *needle {
	var best *needle
	better := func(n *needle) {
		if n != nil && len(n.text) > 1 && (best == nil || len(n.text) > len(best.text)) {
			best = n
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		better(literal(re))
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			better(required(sub))
		}
	case syntax.OpCapture, syntax.OpPlus:
		better(required(re.Sub[0]))
	case syntax.OpRepeat:
		if re.Min > 0 {
			better(required(re.Sub[0]))
		}
	}
	return best
}

// requiredAny returns texts of which every match contains one, or none.
func requiredAny(re *syntax.Regexp) []*needle {
	if n := required(re); n != nil {
		return []*needle{n}
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return requiredAny(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if all := requiredAny(sub); all != nil {
				return all
			}
		}
	case syntax.OpAlternate:
		var all []*needle
		for _, sub := range re.Sub {
			one := requiredAny(sub)
			if one == nil {
				return nil
			}
			all = append(all, one...)
		}
		return all
	}
	return nil
}

// RegexNeeds returns a text that whatever an expression matches contains,
// ignoring case (that of the long s and the Kelvin sign too), or "".
func RegexNeeds(pattern string) string {
	c := lookupRegex(pattern)
	if c.err != nil {
		return ""
	}
	tree, err := syntax.Parse(c.re.String(), syntax.Perl)
	if err != nil {
		return ""
	}
	if n := required(tree.Simplify()); n != nil {
		return n.text
	}
	return ""
}
