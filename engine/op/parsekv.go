package op

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// keyValues takes the values of keys out of texts. Of a key that comes several
// times the first value counts.
// See https://learn.microsoft.com/kusto/query/parse-kv-operator
type keyValues struct {
	cols  []table.Column // the keys, with the types of their values
	place map[string]int
	// Pairs are found by delimiters, by a regular expression with a group for
	// the key and one for the value, or, with neither, as words.
	pair, kv string
	re       *regexp.Regexp
	quotes   map[rune]rune // the closing quote for each opening one
	escapes  string
	greedy   bool // a value goes on up to the next key
}

func (k *keyValues) describe(x string) string {
	names := make([]string, len(k.cols))
	for i, c := range k.cols {
		names[i] = c.Name + ":" + c.Type.String()
	}
	return "parse-kv " + x + " as (" + strings.Join(names, ", ") + ")"
}

func (k *keyValues) parse(texts []string) parsed {
	n := len(texts)
	found, valid := make([][]string, len(k.cols)), make([][]bool, len(k.cols))
	for i := range found {
		found[i], valid[i] = make([]string, n), make([]bool, n)
	}
	for row, s := range texts {
		k.pairs(s, func(key, value string) {
			i, ok := k.place[strings.TrimSpace(key)]
			if ok && !valid[i][row] {
				found[i][row], valid[i][row] = strings.TrimSpace(value), true
			}
		})
	}
	out := parsed{matched: vec.Constant(table.Bool, true)}
	for i, c := range k.cols {
		if c.Type == table.String {
			out.cols = append(out.cols, vec.Column{Arr: vec.NewStrings(found[i], nil)})
			continue
		}
		out.cols = append(out.cols, convertTexts(found[i], valid[i], c.Type))
	}
	return out
}

func (k *keyValues) pairs(s string, yield func(key, value string)) {
	switch {
	case k.re != nil:
		for _, m := range k.re.FindAllStringSubmatch(s, -1) {
			yield(m[1], m[2])
		}
	case k.kv != "":
		k.delimited(s, yield)
	default:
		k.words(s, yield)
	}
}

// delimited finds pairs by their delimiters.
func (k *keyValues) delimited(s string, yield func(key, value string)) {
	for s != "" {
		s = k.toKey(s)
		key, rest, ok := k.key(s)
		if !ok {
			s = rest
			continue
		}
		var value string
		value, s = k.value(rest)
		yield(key, value)
	}
}

// toKey skips blanks and empty pairs.
func (k *keyValues) toKey(s string) string {
	for {
		t := strings.TrimPrefix(strings.TrimLeft(s, " \t\r\n"), k.pair)
		if len(t) == len(s) {
			return s
		}
		s = t
	}
}

// key reads a key up to the delimiter after it. Where there is no key, rest is
// what comes after the pair.
func (k *keyValues) key(s string) (key, rest string, ok bool) {
	if key, rest, ok := k.quoted(s); ok {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if strings.HasPrefix(rest, k.kv) {
			return key, rest[len(k.kv):], true
		}
		return "", afterDelimiter(rest, k.pair), false
	}
	at := strings.Index(s, k.kv)
	if at < 0 {
		return "", "", false
	}
	if end := strings.Index(s, k.pair); end >= 0 && end < at {
		return "", s[end+len(k.pair):], false
	}
	return s[:at], s[at+len(k.kv):], true
}

// value reads a value and the delimiter after it.
func (k *keyValues) value(s string) (value, rest string) {
	if trimmed := strings.TrimLeft(s, " \t\r\n"); trimmed != "" {
		if value, rest, ok := k.quoted(trimmed); ok {
			return value, afterDelimiter(rest, k.pair)
		}
	}
	from := 0
	for {
		at := strings.Index(s[from:], k.pair)
		if at < 0 {
			return s, ""
		}
		at += from
		rest = s[at+len(k.pair):]
		if !k.greedy {
			return s[:at], rest
		}
		if _, _, ok := k.key(k.toKey(rest)); ok {
			return s[:at], rest
		}
		from = at + len(k.pair)
	}
}

func afterDelimiter(s, delimiter string) string {
	if at := strings.Index(s, delimiter); at >= 0 {
		return s[at+len(delimiter):]
	}
	return ""
}

// quoted reads a text in quotes. Within it an escape makes the next character
// stand for itself.
func (k *keyValues) quoted(s string) (text, rest string, ok bool) {
	open, size := utf8.DecodeRuneInString(s)
	end, isQuote := k.quotes[open]
	if !isQuote || s == "" {
		return "", "", false
	}
	var b strings.Builder
	escaped := false
	for i, c := range s[size:] {
		switch {
		case escaped:
			b.WriteRune(c)
			escaped = false
		case strings.ContainsRune(k.escapes, c):
			escaped = true
		case c == end:
			return b.String(), s[size+i+utf8.RuneLen(c):], true
		default:
			b.WriteRune(c)
		}
	}
	return "", "", false // never closed: the quote is a character like others
}

// words finds pairs where anything but letters and digits is a delimiter: the
// word after a key is its value.
func (k *keyValues) words(s string, yield func(key, value string)) {
	key, pending := "", false
	for s != "" {
		word, rest, ok := k.quoted(s)
		if !ok {
			end := strings.IndexFunc(s, isDelimiter)
			if end == 0 {
				_, size := utf8.DecodeRuneInString(s)
				s = s[size:]
				continue
			}
			if end < 0 {
				end = len(s)
			}
			word, rest = s[:end], s[end:]
		}
		s = rest
		if pending {
			yield(key, word)
			pending = false
			continue
		}
		_, pending = k.place[word]
		key = word
	}
}

func isDelimiter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

func (b *Binder) parseKV(in Node, op *parser.ParseKV) Node {
	x := b.scalar(op.X, &rowScope{cols: in.Columns()})
	cols, ok := b.columnDecls(op.Columns)
	k := &keyValues{cols: cols, place: map[string]int{}, quotes: map[rune]rune{}}
	if !b.kvOptions(op, k) || !ok || x.Type() == table.Unknown {
		return nil
	}
	for i, c := range cols {
		k.place[c.Name] = i
	}
	n := &parseText{in: windowed(in, []expr.Expr{x}), x: b.convert(x, table.String), pattern: k}
	n.cols, n.out = replaced(in.Columns(), cols)
	return n
}

func (b *Binder) kvOptions(op *parser.ParseKV, k *keyValues) bool {
	before := len(b.errs)
	for _, o := range op.Options {
		text := o.Word()
		switch o.Name {
		case "pair_delimiter", "kv_delimiter":
			if lit, ok := o.Value.(*parser.Literal); !ok || lit.Kind != parser.StringLit {
				b.fail(o.Value.Span(), "KS222", `such as ","`, "a delimiter is a text in quotes")
			} else if text == "" {
				b.fail(o.Span(), "KS141", "", "a delimiter cannot be empty")
			}
			if o.Name == "kv_delimiter" {
				k.kv = text
			} else {
				k.pair = text
			}
		case "quote":
			r := []rune(text)
			if len(r) != 1 && len(r) != 2 {
				b.fail(o.Value.Span(), "KS141", `such as quote='"' or quote='()'`, "a quote is one character, or two: the opening and the closing one")
				continue
			}
			k.quotes[r[0]] = r[len(r)-1]
		case "escape":
			if utf8.RuneCountInString(text) != 1 {
				b.fail(o.Value.Span(), "KS141", "", "an escape is one character")
			}
			k.escapes += text
		case "greedy":
			k.greedy = text == "true"
		case "regex":
			b.kvRegex(o, k)
		default:
			b.fail(o.Span(), "KS006", "the options are pair_delimiter, kv_delimiter, quote, escape, greedy and regex", "parse-kv has no option %s", o.Name)
		}
	}
	if (k.pair == "") != (k.kv == "") && len(b.errs) == before {
		b.fail(op.Span(), "KS006", "give both, or neither to take any character but letters and digits for a delimiter", "pair_delimiter and kv_delimiter go together")
	}
	return len(b.errs) == before
}

func (b *Binder) kvRegex(o *parser.Option, k *keyValues) {
	re, err := fn.CompileRegex(o.Word())
	switch {
	case err != nil:
		b.fail(o.Value.Span(), "KS141", "", "not a regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	case re.NumSubexp() != 2:
		b.fail(o.Value.Span(), "KS141", `such as regex=@"(\w+)=(\w+)"`, "the regular expression must have two groups, for the key and for the value; this has %d", re.NumSubexp())
	default:
		k.re = re
	}
}
