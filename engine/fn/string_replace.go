package fn

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

func init() {
	stringFn("replace_string", "Replaces all occurrences of a string.", []Example{{`print replace_string("a cat", "cat", "hamster")`, "a hamster"}},
		Of3(func(s, lookup, rewrite string) string {
			if lookup == "" {
				return s
			}
			return strings.ReplaceAll(s, lookup, rewrite)
		}))
	stringFn("replace_strings", "Replaces all occurrences of each string of an array by that in the same place of another; what was put in is not replaced again.",
		[]Example{{`print replace_strings("a cat and a dog", dynamic(["cat", "dog"]), dynamic(["dog", "pigeon"]))`, "a dog and a pigeon"}},
		perBatch(func() Overload {
			var r replacements
			return Try3(func(s string, lookups, rewrites Dyn) (string, bool) {
				r.read(lookups, rewrites)
				if !r.ok {
					return "", false
				}
				return replaceStrings(s, r.from, r.to), true
			})
		}))
	register(withRegex(Scalar{Name: "replace_regex", Constant: []int{1, 2}, Family: "string", Doc: `Replaces all matches of a regular expression; in the replacement \1 is what its first group matched, \0 the whole.`,
		Examples:  []Example{{`print replace_regex("Number is 1", @"is (\d+)", @"was: \1")`, "Number was: 1"}},
		Overloads: []Overload{Try3(replaceRegex)}}, 1))
	register(withRegex(Scalar{Name: "replace", Family: "string", Page: "replace-regex-function", Doc: "Replaces all matches of a regular expression; an older form of replace_regex with the text as last argument.",
		Examples: []Example{{`print replace(@"is (\d+)", @"was: \1", "Number is 1")`, "Number was: 1"}},
		Overloads: []Overload{Try3(func(pattern, rewrite, s string) (string, bool) {
			return replaceRegex(s, pattern, rewrite)
		})}}, 0))
	register(withRegex(Scalar{Name: "trim", Constant: []int{0}, Family: "string", Doc: "Cuts off the matches of a regular expression at both ends of a string.",
		Examples:  []Example{{`print trim("--", "--https://bing.com--")`, "https://bing.com"}},
		Overloads: []Overload{Try2(func(pattern, s string) (string, bool) { return trimBoth(pattern, s) })}}, 0))
	register(withRegex(Scalar{Name: "trim_start", Constant: []int{0}, Family: "string", Doc: "Cuts off the match of a regular expression at the start of a string.",
		Examples:  []Example{{`print trim_start("https://", "https://bing.com")`, "bing.com"}},
		Overloads: []Overload{Try2(trimStart)}}, 0))
	register(withRegex(Scalar{Name: "trim_end", Constant: []int{0}, Family: "string", Doc: "Cuts off the match of a regular expression at the end of a string.",
		Examples:  []Example{{`print trim_end(".com", "bing.com")`, "bing"}},
		Overloads: []Overload{Try2(trimEnd)}}, 0))
	stringFn("regex_quote", "Puts a backslash before all characters that mean something in regular expressions.",
		[]Example{{`print regex_quote("(so$me.Te^xt)")`, `\(so\$me\.Te\^xt\)`}}, Of1(func(s Text) string { return regexp.QuoteMeta(string(s)) }))
	stringFn("translate", "Replaces each character of a list by that in the same place of another list; the last one of that stands for those missing.",
		[]Example{{`print translate("krasp", "otsku", "spark")`, "kusto"}}, Of3(translateChars))
}

// replacements are two arrays, which most often are the same for all rows.
type replacements struct {
	lookups, rewrites Dyn
	from, to          []string
	ok                bool
}

func (r *replacements) read(lookups, rewrites Dyn) {
	if r.lookups == lookups && r.rewrites == rewrites {
		return // empty texts are no arrays either
	}
	r.lookups, r.rewrites = lookups, rewrites
	if r.from, r.ok = stringElements(lookups, nil); r.ok {
		// What is no string replaces nothing, but its match is taken.
		r.to, r.ok = stringElements(rewrites, r.from)
		r.ok = r.ok && len(r.from) == len(r.to)
	}
}

// stringElements are the elements of an array. In place of one that is no
// string stands that of others, or an empty one.
func stringElements(array Dyn, others []string) ([]string, bool) {
	p := parsers.Get()
	defer parsers.Put(p)
	v, err := p.Parse(string(array))
	if err != nil {
		return nil, false
	}
	list, err := v.Array()
	if err != nil {
		return nil, false
	}
	out := make([]string, len(list))
	for i, e := range list {
		if text, err := e.StringBytes(); err == nil {
			out[i] = string(text)
		} else if i < len(others) {
			out[i] = others[i]
		}
	}
	return out, true
}

// replaceStrings looks for the strings in order, each in what those before it
// have left.
func replaceStrings(s string, from, to []string) string {
	type part struct {
		text string
		done bool
	}
	parts := []part{{text: s}}
	for i, lookup := range from {
		if lookup == "" || !strings.Contains(s, lookup) {
			continue
		}
		var next []part
		for _, p := range parts {
			if p.done {
				next = append(next, p)
				continue
			}
			for k, rest := range strings.Split(p.text, lookup) {
				if k > 0 {
					next = append(next, part{to[i], true})
				}
				if rest != "" {
					next = append(next, part{rest, false})
				}
			}
		}
		parts = next
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// trimBoth goes on while something matches, other than trimStart and trimEnd.
func trimBoth(pattern, s string) (string, bool) {
	for _, trim := range []func(pattern, s string) (string, bool){trimStart, trimEnd} {
		for {
			shorter, ok := trim(pattern, s)
			if !ok {
				return "", false
			}
			if len(shorter) == len(s) {
				break
			}
			s = shorter
		}
	}
	return s, true
}

// translateChars takes the first place of a character that is listed twice.
func translateChars(search, replacement, s string) string {
	to := []rune(replacement)
	table := map[rune]rune{}
	for i, r := range []rune(search) {
		if _, ok := table[r]; ok {
			continue
		}
		switch {
		case i < len(to):
			table[r] = to[i]
		case len(to) > 0:
			table[r] = to[len(to)-1]
		default:
			table[r] = -1
		}
	}
	return strings.Map(func(r rune) rune {
		if t, ok := table[r]; ok && r != utf8.RuneError {
			return t
		}
		return r
	}, s)
}
