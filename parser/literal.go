package parser

import (
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"
)

// typedLiterals are the types whose name, followed at once by a bracket,
// begins a literal with a raw inside.
var typedLiterals = map[string]LiteralKind{
	"bool": BoolLit, "int": IntLit, "long": LongLit, "int64": LongLit, "real": RealLit, "double": RealLit,
	"decimal": DecimalLit, "datetime": DatetimeLit, "date": DatetimeLit, "timespan": TimespanLit, "time": TimespanLit,
	"guid": GuidLit,
}

// literal reads a literal where one stands next, else returns nil.
func (r *reader) literal(l *lexer.PeekingLexer) *Literal {
	t := l.Peek()
	lit := &Literal{Text: t.Value}
	switch t.Type {
	case tString:
		return r.stringLiteral(l)
	case tBool:
		lit.Kind, lit.Text = BoolLit, strings.ToLower(t.Value)
	case tLong:
		lit.Kind = LongLit
	case tReal:
		lit.Kind = RealLit
	case tTimespan:
		lit.Kind = TimespanLit
	case tTyped:
		name, inside, _ := strings.Cut(t.Value, "(")
		lit.Kind = typedLiterals[name]
		lit.Text = strings.TrimSpace(strings.TrimSuffix(inside, ")"))
		if q := lit.Text; len(q) > 1 && (q[0] == '"' || q[0] == '\'') && q[len(q)-1] == q[0] {
			lit.Text = q[1 : len(q)-1]
		}
		lit.Null = lit.Text == "null" || lit.Text == ""
	default:
		return nil
	}
	lit.SetSpan(span(l.Next()))
	return lit
}

// stringLiteral reads one string, or several next to each other as one.
func (r *reader) stringLiteral(l *lexer.PeekingLexer) *Literal {
	first := l.Next()
	lit := decodeString(first.Value)
	r.warnLenient(first, lit)
	for l.Peek().Type == tString {
		t := l.Next()
		more := decodeString(t.Value)
		r.warnLenient(t, more)
		lit.Text += more.Text
		lit.Verbatim = lit.Verbatim && more.Verbatim
		lit.Lenient = lit.Lenient || more.Lenient
		lit.Controls = lit.Controls || more.Controls
	}
	lit.SetSpan(r.from(l, start(first)))
	return lit
}

func (r *reader) warnLenient(t *lexer.Token, lit *Literal) {
	if !lit.Lenient {
		return
	}
	hint := ""
	if v := asVerbatim(lit.Text); v != "" {
		hint = "write " + v
	}
	r.errs = append(r.errs, &Error{
		Span: span(t), Severity: SeverityWarning, Code: codeLenient, Hint: hint,
		Msg: "the backslashes in this string are no escapes of KQL; it is read as written",
	})
}

const literalHint = "a literal is a number, a string, true, false, 1d, datetime(…), dynamic(…) or the like"

// signed reads a literal that may have a sign, as in datatable. The sign is
// part of the literal's text.
func (r *reader) signed(l *lexer.PeekingLexer) (Expr, error) {
	t := l.Peek()
	if is(t, "-") || is(t, "+") {
		if n := r.peek(l, 1); (n.Type == tLong || n.Type == tReal || n.Type == tTimespan) && end(t) == start(n) {
			l.Next()
			lit := r.literal(l)
			if is(t, "-") {
				lit.Text = "-" + lit.Text
			}
			lit.SetSpan(r.from(l, start(t)))
			return lit, nil
		}
	}
	if is(t, "dynamic") && is(r.peek(l, 1), "(") {
		return r.dynamic(l)
	}
	if is(t, "typeof") && is(r.peek(l, 1), "(") {
		return r.typeof(l)
	}
	if is(t, "{") {
		if k := r.nameLen(l, 0, anyWord); k > 0 {
			return r.name(l, k), nil
		}
	}
	if lit := r.literal(l); lit != nil {
		return lit, nil
	}
	return nil, r.missing(t, literalHint, "a literal")
}

// dynamic reads dynamic(…), whose inside becomes JSON.
func (r *reader) dynamic(l *lexer.PeekingLexer) (Expr, error) {
	first := l.Next()
	open := l.Next()
	var b strings.Builder
	lit := &Literal{Kind: DynamicLit, Null: is(l.Peek(), "null")}
	err := r.json(l, lit, &b)
	if err == nil {
		err = r.close(l, open, ")")
	}
	lit.Text = b.String()
	lit.SetSpan(r.from(l, start(first)))
	return lit, err
}

func (r *reader) json(l *lexer.PeekingLexer, whole *Literal, b *strings.Builder) error {
	t := l.Peek()
	switch {
	case is(t, "["):
		l.Next()
		b.WriteByte('[')
		sep := ""
		err := r.commas(l, t, "]", false, func() error {
			b.WriteString(sep)
			sep = ","
			return r.json(l, whole, b)
		})
		b.WriteByte(']')
		return err
	case is(t, "{"):
		if k := r.nameLen(l, 0, anyWord); k > 0 { // {parameter} of a client
			b.WriteString(strconv.Quote("{" + r.name(l, k).Name + "}"))
			return nil
		}
		l.Next()
		b.WriteByte('{')
		sep := ""
		err := r.commas(l, t, "}", false, func() error {
			b.WriteString(sep)
			sep = ","
			return r.jsonPair(l, whole, b)
		})
		b.WriteByte('}')
		return err
	case is(t, "-"):
		if n := r.peek(l, 1); n.Type == tLong || n.Type == tReal {
			l.Next()
			b.WriteByte('-')
			b.WriteString(number(r.literal(l).Text))
			return nil
		}
	case is(t, "null"):
		l.Next()
		b.WriteString("null")
		return nil
	case is(t, "dynamic") && is(r.peek(l, 1), "("):
		x, err := r.dynamic(l)
		b.WriteString(x.(*Literal).Text)
		whole.Decimals = append(whole.Decimals, x.(*Literal).Decimals...)
		return err
	}
	return r.jsonScalar(l, whole, b)
}

func (r *reader) jsonScalar(l *lexer.PeekingLexer, whole *Literal, b *strings.Builder) error {
	t := l.Peek()
	lit := r.literal(l)
	switch {
	case lit == nil:
		return r.missing(t, "inside dynamic(…) stands JSON: a number, a string, true, false, null, […] or {…}", "a JSON value")
	case lit.Null:
		b.WriteString("null")
	case lit.Kind == BoolLit:
		b.WriteString(strings.ToLower(lit.Text))
	case t.Type == tLong, t.Type == tReal:
		b.WriteString(number(lit.Text))
	default:
		if lit.Kind == DecimalLit {
			whole.Decimals = append(whole.Decimals, lit.Span())
		}
		quoteJSON(b, lit.Text)
	}
	return nil
}

func (r *reader) jsonPair(l *lexer.PeekingLexer, whole *Literal, b *strings.Builder) error {
	t := l.Peek()
	if t.Type != tString {
		return r.missing(t, `an object is written {"name": value, …}`, "a property name in quotes")
	}
	l.Next()
	quoteJSON(b, decodeString(t.Value).Text)
	if err := r.expect(l, ":"); err != nil {
		return err
	}
	b.WriteByte(':')
	return r.json(l, whole, b)
}

// number writes a KQL number as JSON has it: no 1., no leading zeros, no 0x1F.
func number(s string) string {
	if n, err := strconv.ParseInt(s, 0, 64); err == nil && strings.HasPrefix(strings.ToLower(s), "0x") {
		return strconv.FormatInt(n, 10)
	}
	s = strings.TrimLeft(s, "0")
	if s == "" || !isDigit(s[0]) {
		s = "0" + s
	}
	if i := strings.IndexByte(s, '.'); i >= 0 && (i+1 == len(s) || !isDigit(s[i+1])) {
		s = s[:i] + s[i+1:]
	}
	return s
}

func quoteJSON(b *strings.Builder, s string) {
	const hex = "0123456789abcdef"
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ':
			b.WriteString(`\u00`)
			b.WriteByte(hex[s[i]>>4])
			b.WriteByte(hex[s[i]&15])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}
