package dyn

import "unicode/utf8"

// Valid reports whether text is one JSON value, nested no deeper than
// MaxDepth.
func Valid(text []byte) bool {
	s := Splitter{text: text}
	var f Field
	return s.value(&f) == nil && s.trailing() == nil
}

// AppendString appends text as a JSON string. What is not valid UTF-8 becomes
// U+FFFD.
func AppendString[T string | []byte](b []byte, text T) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, text[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(string(text[i:min(i+utf8.UTFMax, len(text))]))
		if r == utf8.RuneError && n == 1 {
			b = append(b, text[start:i]...)
			b = append(b, "\ufffd"...)
			start = i + 1
		}
		i += n
	}
	b = append(b, text[start:]...)
	return append(b, '"')
}

// AppendCompact appends valid JSON text without the blanks between its tokens.
// Control characters inside strings are escaped.
func AppendCompact(b, text []byte) []byte {
	const hexDigits = "0123456789abcdef"
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '\\' && i+1 < len(text):
			b = append(b, c, text[i+1])
			i++
			continue
		case inside && c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			continue
		case c == '"':
			inside = !inside
		case !inside && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			continue
		}
		b = append(b, c)
	}
	return b
}

// Append appends the field's value as compact JSON text.
func (f *Field) Append(b []byte) []byte {
	if f.Kind == KindString {
		return AppendString(b, f.Text)
	}
	return AppendCompact(b, f.Text)
}
