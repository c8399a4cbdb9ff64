package parser

import "strings"

// literal writes a literal as the text has it, but for quotes and spaces.
func (p *printer) literal(lit *Literal) {
	i := p.tokenFrom(lit.Span().Start)
	t := p.tokens[i]
	switch {
	case t.kind == tString:
		p.strings(lit.Span(), '"')
	case lit.Kind == DynamicLit && t.kind == tIdent:
		p.json(i)
	case t.kind == tPunct: // a sign
		if p.value(i) == "-" {
			p.put("-")
		}
		p.put(p.value(i + 1))
	default:
		p.scalar(i)
	}
}

// scalar writes a token that is a number, a boolean or datetime(…).
func (p *printer) scalar(i int) {
	s := p.value(i)
	switch p.tokens[i].kind {
	case tBool:
		s = strings.ToLower(s)
	case tTyped:
		name, inside, _ := strings.Cut(s, "(")
		p.put(name, "(", strings.TrimSpace(strings.TrimSuffix(inside, ")")), ")")
		return
	}
	p.put(s)
}

// strings writes the strings in a run of the text: one, or several next to each
// other that are read as one.
func (p *printer) strings(s Span, quote byte) {
	first := true
	p.group()
	for i := p.tokenFrom(s.Start); i < len(p.tokens) && p.tokens[i].Start < s.End; i++ {
		if p.tokens[i].kind != tString {
			continue
		}
		if !first {
			p.comments(p.tokens[i].Start)
			p.space()
		}
		first = false
		p.put(formatString(p.value(i), quote, true))
	}
	p.end()
}

// formatString writes a string literal: in double quotes unless it has some
// and no single ones, verbatim where that spares escaping backslashes. Escapes
// other than those of quotes and backslashes are kept, and so is the h of
// those that are not to be logged. quote is the one to prefer; verbatim says
// whether @"…" may be made of others.
func formatString(raw string, quote byte, verbatim bool) string {
	prefix, s := "", raw
	if s[0] == 'h' || s[0] == 'H' {
		prefix, s = "h", s[1:]
	}
	lit := decodeString(raw)
	if s[0] == '`' || s[0] == '~' {
		return prefix + s
	}
	quote = quoteFor(lit.Text, quote)
	double := strings.Repeat(string(quote), 2)
	backslash := strings.IndexByte(lit.Text, '\\') >= 0
	switch {
	case lit.Verbatim && !backslash:
		return prefix + string(quote) + escapeQuotes(lit.Text, quote) + string(quote)
	case lit.Verbatim, lit.Lenient, verbatim && backslash && onlySimpleEscapes(s) && !strings.Contains(lit.Text, `\\`):
		return prefix + "@" + string(quote) + strings.ReplaceAll(lit.Text, string(quote), double) + string(quote)
	}
	return prefix + requote(s, quote)
}

// quoteFor is the quote that spares escapes, the preferred one where both do.
func quoteFor(text string, preferred byte) byte {
	other := byte('"' + '\'' - preferred)
	if strings.IndexByte(text, preferred) >= 0 && strings.IndexByte(text, other) < 0 {
		return other
	}
	return preferred
}

func escapeQuotes(text string, quote byte) string {
	return strings.ReplaceAll(text, string(quote), `\`+string(quote))
}

// onlySimpleEscapes reports whether the escapes of a literal are those of
// backslashes and quotes only, so that a verbatim one can say the same.
func onlySimpleEscapes(s string) bool {
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' {
			if i++; strings.IndexByte(`\'"`, s[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// requote writes a literal with another quote, its other escapes as they are.
func requote(s string, quote byte) string {
	var b strings.Builder
	b.WriteByte(quote)
	for i := 1; i < len(s)-1; i++ {
		c := s[i]
		if c == '\\' {
			i++
			if c = s[i]; c != '"' && c != '\'' {
				b.WriteByte('\\')
				b.WriteByte(c)
				continue
			}
		}
		if c == quote {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteByte(quote)
	return b.String()
}

// quoteEscaped writes a text as a literal with escapes.
func quoteEscaped(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(text) + `"`
}

// json writes the value inside dynamic(…) that begins with token i, and
// returns the token after it. Long arrays and objects stand one element a line.
func (p *printer) json(i int) int {
	switch v := p.value(i); {
	case v == "[":
		return p.elements(i, "]")
	case v == "{" && p.value(i+2) == "}" && p.tokens[i+1].kind == tIdent: // a client's parameter
		p.put("{", p.value(i+1), "}")
		return i + 3
	case v == "{":
		return p.elements(i, "}")
	case v == "-":
		p.put("-", p.value(i+1))
		return i + 2
	case v == "dynamic":
		p.put("dynamic(")
		i = p.json(i + 2)
		p.put(")")
		return i + 1
	case p.tokens[i].kind == tString:
		return p.jsonStrings(i)
	}
	p.scalar(i)
	return i + 1
}

func (p *printer) jsonStrings(i int) int {
	p.put(formatString(p.value(i), '"', false))
	for i++; i < len(p.tokens) && p.tokens[i].kind == tString; i++ {
		p.put(" ", formatString(p.value(i), '"', false))
	}
	return i
}

// elements writes an array or object, whose bracket is token i.
func (p *printer) elements(i int, shut string) int {
	p.put(p.value(i))
	i++
	if p.value(i) == shut {
		p.put(shut)
		return i + 1
	}
	p.group()
	p.indent()
	p.comments(p.tokens[i].Start)
	p.soft()
	for {
		if shut == "}" {
			p.put(formatString(p.value(i), '"', false), ": ")
			i += 2
		}
		if i = p.json(i); p.value(i) != "," {
			break
		}
		i++
		p.put(",")
		p.comments(p.tokens[i].Start)
		p.space()
	}
	p.comments(p.tokens[i].Start)
	p.dedent()
	p.soft()
	p.end()
	p.put(shut)
	return i + 1
}
