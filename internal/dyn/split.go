package dyn

import (
	"bytes"
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// MaxDepth is how deep values may be nested in a text given to a Splitter.
const MaxDepth = 64

// Kind is what sort of value a Field holds.
type Kind uint8

// The kinds of a Field.
const (
	KindNull Kind = iota
	KindString
	KindNumber
	KindTrue
	KindFalse
	KindObject
	KindArray
)

// Field is a member of an object or an element of an array.
type Field struct {
	Key  []byte // unescaped; nil in arrays
	Kind Kind
	Text []byte // of a string its unescaped text, else the JSON text
}

// What a Splitter can find wrong.
var (
	ErrSyntax     = errors.New("not valid JSON")
	ErrIncomplete = errors.New("JSON text ends too early")
	ErrDepth      = errors.New("JSON text is nested too deeply")
)

// Splitter takes flat objects and arrays apart in one pass, without building
// a tree: what loading records needs. Nested values are checked and handed
// out as text. Control characters inside strings are let through, as some
// agents do not escape them.
type Splitter struct {
	text    []byte
	pos     int
	scratch []byte
}

// Object appends the members of the object in text to fields. They are valid
// until the next call and share memory with text. A key may come twice.
// With ErrIncomplete the fields so far are returned too, the last one perhaps
// cut off.
func (s *Splitter) Object(text []byte, fields []Field) ([]Field, error) {
	s.text, s.pos, s.scratch = text, 0, s.scratch[:0]
	return s.members(fields, '{', '}')
}

// Array appends the elements of the array in text to fields, as Object does
// with members.
func (s *Splitter) Array(text []byte, fields []Field) ([]Field, error) {
	s.text, s.pos, s.scratch = text, 0, s.scratch[:0]
	return s.members(fields, '[', ']')
}

func (s *Splitter) members(fields []Field, open, end byte) ([]Field, error) {
	if c := s.next(); c != open {
		return fields, s.wrong()
	}
	s.pos++
	if s.next() == end {
		s.pos++
		return fields, s.trailing()
	}
	for {
		var f Field
		var err error
		if open == '{' {
			if f.Key, err = s.key(); err != nil {
				return fields, err
			}
		}
		err = s.value(&f)
		if err == nil || err == ErrIncomplete {
			fields = append(fields, f)
		}
		if err != nil {
			return fields, err
		}
		switch s.next() {
		case ',':
			s.pos++
		case end:
			s.pos++
			return fields, s.trailing()
		default:
			return fields, s.wrong()
		}
	}
}

// next skips blanks and returns the byte there, 0 at the end.
func (s *Splitter) next() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// wrong is the error for a byte that may not be at the place.
func (s *Splitter) wrong() error {
	if s.pos >= len(s.text) {
		return ErrIncomplete
	}
	return ErrSyntax
}

func (s *Splitter) trailing() error {
	if s.next(); s.pos < len(s.text) {
		return ErrSyntax
	}
	return nil
}

// key reads a member's name and the colon after it.
func (s *Splitter) key() ([]byte, error) {
	if s.next() != '"' {
		return nil, s.wrong()
	}
	key, err := s.str()
	if err != nil {
		return nil, err
	}
	if s.next() != ':' {
		return nil, s.wrong()
	}
	s.pos++
	return key, nil
}

func (s *Splitter) value(f *Field) (err error) {
	switch c := s.next(); c {
	case '"':
		f.Kind = KindString
		f.Text, err = s.str()
		return err
	case '{', '[':
		f.Kind = KindArray
		if c == '{' {
			f.Kind = KindObject
		}
		start := s.pos
		err = s.skip(1)
		f.Text = s.text[start:s.pos]
		return err
	}
	start := s.pos
	f.Kind, err = s.scalar()
	f.Text = s.text[start:s.pos]
	return err
}

// str reads the string at pos and returns its text, unescaped.
func (s *Splitter) str() ([]byte, error) {
	rest := s.text[s.pos+1:]
	n := bytes.IndexByte(rest, '"')
	if n < 0 {
		s.pos = len(s.text)
		return rest, ErrIncomplete
	}
	if bytes.IndexByte(rest[:n], '\\') < 0 {
		s.pos += n + 2
		return rest[:n], nil
	}
	start := len(s.scratch)
	for i := 0; i < len(rest); {
		switch c := rest[i]; c {
		case '"':
			s.pos += i + 2
			return s.scratch[start:len(s.scratch):len(s.scratch)], nil
		case '\\':
			n, err := s.escape(rest[i:])
			if err != nil {
				return nil, err
			}
			i += n
		default:
			k := i + 1
			for k < len(rest) && rest[k] != '"' && rest[k] != '\\' {
				k++
			}
			s.scratch = append(s.scratch, rest[i:k]...)
			i = k
		}
	}
	s.pos = len(s.text)
	return s.scratch[start:], ErrIncomplete
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape appends the character that the escape at the start of b stands for
// and returns the escape's length. Half a surrogate pair becomes U+FFFD.
func (s *Splitter) escape(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, ErrIncomplete
	}
	if c := escapes[b[1]]; c != 0 {
		s.scratch = append(s.scratch, c)
		return 2, nil
	}
	if b[1] != 'u' {
		return 0, ErrSyntax
	}
	r, err := hex4(b[2:])
	if err != nil {
		return 0, err
	}
	n := 6
	if utf16.IsSurrogate(r) {
		full := rune(utf8.RuneError)
		if len(b) >= 8 && b[6] == '\\' && b[7] == 'u' {
			if low, err := hex4(b[8:]); err == nil {
				full = utf16.DecodeRune(r, low)
			}
		}
		if r = full; full != utf8.RuneError {
			n = 12
		}
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return n, nil
}

func hex4(b []byte) (rune, error) {
	if len(b) < 4 {
		return 0, ErrIncomplete
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, ErrSyntax
		}
		r = r<<4 | rune(c)
	}
	return r, nil
}

// skip passes over the object or array at pos and checks it.
func (s *Splitter) skip(depth int) error {
	if depth > MaxDepth {
		return ErrDepth
	}
	open := s.text[s.pos]
	end := open + 2 // '{' and '}', '[' and ']' are two apart
	s.pos++
	if s.next() == end {
		s.pos++
		return nil
	}
	for {
		if open == '{' {
			if s.next() != '"' {
				return s.wrong()
			}
			if err := s.skipString(); err != nil {
				return err
			}
			if s.next() != ':' {
				return s.wrong()
			}
			s.pos++
		}
		var err error
		switch s.next() {
		case '"':
			err = s.skipString()
		case '{', '[':
			err = s.skip(depth + 1)
		default:
			_, err = s.scalar()
		}
		if err != nil {
			return err
		}
		switch s.next() {
		case ',':
			s.pos++
		case end:
			s.pos++
			return nil
		default:
			return s.wrong()
		}
	}
}

func (s *Splitter) skipString() error {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			s.pos = i + 1
			return nil
		case '\\':
			i++
			if i < len(s.text) && escapes[s.text[i]] == 0 {
				if s.text[i] != 'u' {
					return ErrSyntax
				}
				if _, err := hex4(s.text[i+1:]); err != nil {
					return err
				}
			}
		}
	}
	s.pos = len(s.text)
	return ErrIncomplete
}

// scalar passes over a number, true, false or null.
func (s *Splitter) scalar() (Kind, error) {
	start := s.pos
	for s.pos < len(s.text) && !delimiter[s.text[s.pos]] {
		s.pos++
	}
	word := s.text[start:s.pos]
	switch string(word) {
	case "":
		return KindNull, s.wrong()
	case "null":
		return KindNull, nil
	case "true":
		return KindTrue, nil
	case "false":
		return KindFalse, nil
	}
	if !isNumber(word) {
		return KindNull, ErrSyntax
	}
	return KindNumber, nil
}

var delimiter = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ':': true, '}': true, ']': true, '{': true, '[': true, '"': true}

// isNumber reports whether b is a number by JSON's grammar.
func isNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && b[n] >= '0' && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '0' {
		b = b[1:]
	} else if !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		b = b[1:]
		if len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}
