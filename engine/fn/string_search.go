package fn

import (
	"strings"
	"unicode/utf8"

	"tidemark/engine/vec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	stringFn("indexof", "Finds the place of a string in another, the first being 0, or -1; from a start, within a length and at a later occurrence where given.",
		[]Example{{`print indexof("abcdefg", "cde")`, "2"}, {`print indexof("abcdefg", "cde", 1, 2)`, "-1"}},
		Try2(func(s, match Text) (int64, bool) { return indexOf(string(s), string(match), 0, -1, 1) }),
		Try3(func(s, match Text, start int64) (int64, bool) { return indexOf(string(s), string(match), start, -1, 1) }),
		Try4(func(s, match Text, start, length int64) (int64, bool) {
			return indexOf(string(s), string(match), start, length, 1)
		}),
		try5(func(s, match Text, start, length, occurrence int64) (int64, bool) {
			return indexOf(string(s), string(match), start, length, occurrence)
		}))
	register(withRegex(Scalar{Name: "indexof_regex", Constant: []int{1}, Family: "string", Doc: "Finds the place of a match of a regular expression in a string, the first being 0, or -1; from a start, within a length and at a later occurrence where given.",
		Examples: []Example{{`print indexof_regex("abcabc", @"a.c")`, "0"}, {`print indexof_regex("abcabcdefg", @"a.c", 0, 9, 2)`, "3"}},
		Overloads: []Overload{
			Try2(func(s, re Text) (int64, bool) { return indexOfRegex(string(s), string(re), 0, -1, 1) }),
			Try3(func(s, re Text, start int64) (int64, bool) { return indexOfRegex(string(s), string(re), start, -1, 1) }),
			Try4(func(s, re Text, start, length int64) (int64, bool) {
				return indexOfRegex(string(s), string(re), start, length, 1)
			}),
			try5(func(s, re Text, start, length, occurrence int64) (int64, bool) {
				return indexOfRegex(string(s), string(re), start, length, occurrence)
			}),
		}}, 1))
	stringFn("has_any_index", "Finds the first element of an array that occurs in a string and gives its place in the array, or -1.",
		[]Example{{`print has_any_index("this is an example", dynamic(["not", "example"]))`, "1"}},
		Of2(func(s Text, values Dyn) int64 {
			if values == "" || values[0] != '[' {
				return -1
			}
			for i, v := range appendTexts(nil, table.Dynamic, string(values)) {
				if strings.Contains(string(s), v) {
					return int64(i)
				}
			}
			return -1
		}))
	register(Scalar{Name: "countof", Family: "string", Literal: []int{2}, Doc: `Counts how often a string occurs in another, or a regular expression where the third argument is "regex"; only plain occurrences may overlap.`,
		Examples: []Example{{`print countof("aaaa", "aa")`, "3"}, {`print countof("abcabc", "a.c", "regex")`, "2"}},
		Overloads: []Overload{Of2(countPlain), Try3(func(s, search, kind string) (int64, bool) {
			switch kind {
			case "normal":
				return countPlain(s, search), true
			case "regex":
				return countRegex(s, search)
			}
			return 0, false
		})}})
	register(Scalar{Name: "split", Family: "string", Naming: ByFirst, Doc: "Splits a string at each delimiter into an array; with an index, into one of that part only.",
		Examples: []Example{{`print split("aa_bb", "_")`, `["aa","bb"]`}, {`print split("aaa_bbb_ccc", "_", 1)`, `["bbb"]`}},
		Overloads: []Overload{
			Of2(func(s Text, delimiter string) Dyn { return stringArray(splitText(string(s), delimiter)) }),
			Try3(func(s Text, delimiter string, index int64) (Dyn, bool) {
				parts := splitText(string(s), delimiter)
				if index < 0 || index >= int64(len(parts)) {
					return "", false
				}
				return stringArray(parts[index : index+1]), true
			}),
		}})
}

// try5 is Try4 with one argument more; the last three are numbers.
func try5[A, B, R Value](f func(A, B, int64, int64, int64) (R, bool)) Overload {
	k := func(args *Args) vec.Column {
		a, b := read[A](args.Cols[0]), read[B](args.Cols[1])
		x, y, z := read[int64](args.Cols[2]), read[int64](args.Cols[3]), read[int64](args.Cols[4])
		r := newResults[R](args)
		for i := range r.out {
			ok := a.isValid(i) && b.isValid(i) && x.isValid(i) && y.isValid(i) && z.isValid(i)
			if ok {
				r.out[i], ok = f(a.at(i), b.at(i), x.at(i), y.at(i), z.at(i))
			}
			if !ok {
				r.null(i)
			}
		}
		return r.column()
	}
	long := P(table.Long)
	return Overload{Params: []Param{paramOf[A](), paramOf[B](), long, long, long}, Result: typeOf[R](), Kernel: k}
}

func splitText(s, delimiter string) []string {
	if delimiter == "" {
		return []string{s}
	}
	return strings.Split(s, delimiter)
}

// stringArray makes a dynamic array of strings.
func stringArray(values []string) Dyn {
	n := 2
	for _, v := range values {
		n += len(v) + 3
	}
	b := append(make([]byte, 0, n), '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, v)
	}
	return Dyn(append(b, ']'))
}

// indexOf counts in characters. A later occurrence is searched for behind the
// start of the one before, over the whole length again, as Kusto does.
func indexOf(s, match string, start, length, occurrence int64) (int64, bool) {
	if start < 0 {
		start = max(0, start+int64(utf8.RuneCountInString(s)))
	}
	if length < -1 || occurrence < 0 {
		return 0, false
	}
	from := byteOffset(s, start)
	if occurrence == 0 || start > int64(utf8.RuneCountInString(s)) {
		return -1, true
	}
	for {
		reach := len(s)
		if length >= 0 {
			reach = from + byteOffset(s[from:], length)
		}
		i := strings.Index(s[from:reach], match)
		if i < 0 {
			return -1, true
		}
		from += i
		if occurrence--; occurrence == 0 {
			return runeIndex(s, from), true
		}
		if from >= len(s) {
			return -1, true
		}
		_, size := utf8.DecodeRuneInString(s[from:])
		from += size
	}
}

// indexOfRegex finds matches that do not overlap and lie within the range.
func indexOfRegex(s, pattern string, start, length, occurrence int64) (int64, bool) {
	re, ok := regex(pattern)
	if !ok || start < 0 || length < -1 || occurrence < 0 {
		return 0, false
	}
	if occurrence == 0 || start > int64(utf8.RuneCountInString(s)) {
		return -1, true
	}
	from := byteOffset(s, start)
	reach := len(s)
	if length >= 0 {
		reach = from + byteOffset(s[from:], length)
	}
	for _, m := range re.FindAllStringIndex(s[from:reach], int(min(occurrence, int64(len(s)+1)))) {
		if occurrence--; occurrence == 0 {
			return runeIndex(s, from+m[0]), true
		}
	}
	return -1, true
}

// countPlain counts occurrences that may overlap.
func countPlain(s, search string) int64 {
	if search == "" {
		return 0
	}
	n := int64(0)
	for {
		i := strings.Index(s, search)
		if i < 0 {
			return n
		}
		n++
		_, size := utf8.DecodeRuneInString(s[i:])
		s = s[i+size:]
	}
}
