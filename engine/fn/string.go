package fn

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"tidemark/engine/vec"
	"tidemark/table"
)

// stringFn registers a function in the family of strings.
func stringFn(name, doc string, examples []Example, overloads ...Overload) {
	register(Scalar{Name: name, Family: "string", Doc: doc, Examples: examples, Overloads: overloads})
}

func init() {
	register(Scalar{Name: "strlen", Family: "string", Naming: ByName, Doc: "Counts the characters of a string.",
		Examples:  []Example{{`print strlen("héllo")`, "5"}},
		Overloads: []Overload{Of1(func(s string) int64 { return int64(utf8.RuneCountInString(s)) })}})
	register(Scalar{Name: "string_size", Family: "string", Naming: ByName, Doc: "Counts the bytes of a string in UTF-8.",
		Examples:  []Example{{`print string_size("⒦⒰⒮⒯⒪")`, "15"}},
		Overloads: []Overload{Of1(func(s string) int64 { return int64(len(s)) })}})
	stringFn("tolower", "Converts a string to lower case.", []Example{{`print tolower("Hello")`, "hello"}},
		Of1(func(s Text) string { return strings.ToLower(string(s)) }))
	stringFn("toupper", "Converts a string to upper case.", []Example{{`print toupper("hello")`, "HELLO"}},
		Of1(func(s Text) string { return strings.ToUpper(string(s)) }))
	stringFn("reverse", "Reverses the order of the characters of a string.", []Example{{`print reverse("ABC")`, "CBA"}},
		Of1(func(s Text) string { return reverse(string(s)) }))
	stringFn("strcmp", "Compares two strings by the order of their characters: -1, 0 or 1.", []Example{{`print strcmp("abc", "ABC")`, "1"}},
		Of2(func(a, b Text) int64 { return int64(strings.Compare(string(a), string(b))) }))
	stringFn("strrep", "Repeats a string, with a delimiter between where one is given; at most 1024 times.",
		[]Example{{`print strrep("ABC", 2)`, "ABCABC"}, {`print strrep(123, 3, ".")`, "123.123.123"}},
		Of2(func(s Text, n int64) string { return repeatText(string(s), n, "") }),
		Of3(func(s Text, n int64, delimiter Text) string { return repeatText(string(s), n, string(delimiter)) }))
	stringFn("substring", "Takes the part of a string from a place, the first being 0, to its end or of a given length; a negative place counts from the end.",
		[]Example{{`print substring("123456", 1)`, "23456"}, {`print substring("123456", 2, 2)`, "34"}, {`print substring("123456", -2, 2)`, "56"}},
		Of2(func(s Text, start int64) string { return substring(string(s), start, int64(len(s))) }),
		Of3(func(s Text, start, length int64) string { return substring(string(s), start, length) }))
	stringFn("strcat", "Joins its arguments to one string.", []Example{{`print strcat("hello", " ", "world")`, "hello world"}, {`print strcat("a", 1, 2h)`, "a102:00:00"}},
		textRows([]Param{AsText}, func(b []byte, row []string) []byte {
			for _, s := range row {
				b = append(b, s...)
			}
			return b
		}))
	stringFn("strcat_delim", "Joins its arguments to one string, with the first of them as delimiter between.", []Example{{`print strcat_delim("-", 1, "2", "A", 1s)`, "1-2-A-00:00:01"}},
		textRows([]Param{AsText, AsText, AsText}, func(b []byte, row []string) []byte {
			for i, s := range row[1:] {
				if i > 0 {
					b = append(b, row[0]...)
				}
				b = append(b, s...)
			}
			return b
		}))
	register(Scalar{Name: "strcat_array", Aliases: []string{"array_strcat"}, Family: "string", Doc: "Joins the elements of an array to one string, with a delimiter between.",
		Examples: []Example{{`print strcat_array(dynamic([1, 2, 3]), "->")`, "1->2->3"}},
		Overloads: []Overload{Of2(func(array Dyn, delimiter Text) string {
			if len(array) == 0 || array[0] != '[' {
				return ""
			}
			return strings.Join(appendTexts(nil, table.Dynamic, string(array)), string(delimiter))
		})}})
	register(Scalar{Name: "isascii", Family: "string", Page: "isascii", Doc: "Tells whether a string is ASCII.",
		Examples:  []Example{{`print isascii("some string")`, "true"}},
		Overloads: []Overload{Of1(func(s Text) bool { return isASCII(string(s)) })}})
	stringFn("isutf8", "Tells whether a string is valid UTF-8.", []Example{{`print isutf8("some string")`, "true"}},
		Of1(func(s Text) bool { return utf8.ValidString(string(s)) }))
}

// textRows makes an overload of any number of arguments, as tostring() gives
// them, that appends the text of each row to one buffer.
func textRows(params []Param, body func(b []byte, row []string) []byte) Overload {
	k := func(a *Args) vec.Column {
		n, constant := a.shape()
		cols := make([]column[string], len(a.Cols))
		size := 0 // about what the results need together
		for j, c := range a.Cols {
			cols[j] = read[string](c)
			for i := range n {
				size += len(cols[j].at(i))
			}
		}
		b := make([]byte, 0, size)
		ends := make([]int, n)
		row := make([]string, len(cols))
		for i := range ends {
			for j := range cols {
				row[j] = cols[j].at(i)
			}
			b = body(b, row)
			ends[i] = len(b)
		}
		all, start := unsafe.String(unsafe.SliceData(b), len(b)), 0 // b does not change any more
		out := make([]string, n)
		for i, end := range ends {
			out[i] = all[start:end]
			start = end
		}
		return write(out, nil, constant)
	}
	return Overload{Params: params, Variadic: true, Result: table.String, Kernel: k}
}

func reverse(s string) string {
	b := make([]byte, len(s))
	end := len(b)
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		end -= size
		copy(b[end:], s[i:i+size])
		i += size
	}
	return string(b)
}

// maxRepeats is what strrep goes up to.
const maxRepeats = 1024

func repeatText(s string, n int64, delimiter string) string {
	if n = min(n, maxRepeats); n < 1 {
		return ""
	}
	return strings.Repeat(s+delimiter, int(n-1)) + s
}

// substring counts in characters. What lies outside of s is left out.
func substring(s string, start, length int64) string {
	if start < 0 {
		start = max(0, int64(utf8.RuneCountInString(s))+start)
	}
	if length <= 0 {
		return ""
	}
	s = s[byteOffset(s, start):]
	return s[:byteOffset(s, length)]
}

// byteOffset is the offset of character n of s, or its length.
func byteOffset(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}
