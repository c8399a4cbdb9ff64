package ingest

import (
	"bytes"
	"strings"
	"unsafe"

	"tidemark/internal/dec"
	"tidemark/internal/dyn"
	"tidemark/table"
)

// value sets column i from a field, by the column's type. Text is read as the
// type's text form; empty text and JSON null are null.
func (r *rows) value(i int, f *dyn.Field) error {
	if f.Kind == dyn.KindNull {
		r.cols[i].setNull(r.n)
		return nil
	}
	c := r.touch(i)
	if c.typ == table.String {
		r.setString(c, i, f)
		return nil
	}
	if c.typ == table.Dynamic {
		c.setText(r.n, r.dynamic(f))
		return nil
	}
	text := trim(f.Text)
	if len(text) == 0 {
		c.setNull(r.n)
		return nil
	}
	if f.Kind == dyn.KindObject || f.Kind == dyn.KindArray || !setScalar(c, r.n, view(text), f.Kind) {
		return reject(BadValue, "column %s is %s and cannot hold %s", r.schema.Column(i).Name, c.typ, sample(f))
	}
	return nil
}

func (r *rows) setString(c *column, i int, f *dyn.Field) {
	switch {
	case f.Kind == dyn.KindObject || f.Kind == dyn.KindArray:
		r.scratch = dyn.AppendCompact(r.scratch[:0], f.Text)
		c.setText(r.n, r.scratch)
	case r.checksum[i] && len(f.Text) > 0:
		r.scratch = appendChecksum(r.scratch[:0], f.Text)
		c.setText(r.n, r.scratch)
	default:
		c.setText(r.n, f.Text)
	}
}

// dynamic returns the JSON text of a dynamic value. Text that holds an object
// or an array is taken as that: exports write dynamic columns so.
func (r *rows) dynamic(f *dyn.Field) []byte {
	r.scratch = r.scratch[:0]
	if f.Kind == dyn.KindString {
		if t := trim(f.Text); len(t) > 1 && (t[0] == '{' || t[0] == '[') && dyn.Valid(t) {
			r.scratch = dyn.AppendCompact(r.scratch, t)
			return r.scratch
		}
	}
	r.scratch = f.Append(r.scratch)
	return r.scratch
}

// setScalar sets a value of a type other than string and dynamic from its text
// and reports whether it can be one.
func setScalar(c *column, row int, text string, kind dyn.Kind) bool {
	switch c.typ {
	case table.Bool:
		v, ok := table.ParseBool(text)
		if ok {
			c.setBool(row, v)
		}
		return ok
	case table.Int, table.Long:
		v, ok := parseWhole(text)
		ok = ok && (c.typ == table.Long || v == int64(int32(v)))
		if ok {
			c.setInt(row, v)
		}
		return ok
	case table.Real:
		v, ok := table.ParseReal(text)
		if ok {
			c.setReal(row, v)
		}
		return ok
	case table.Datetime:
		v, ok := table.ParseTime(text)
		ok = ok && kind == dyn.KindString // a bare number says no unit
		if ok {
			c.setInt(row, int64(v))
		}
		return ok
	case table.Timespan:
		v, ok := table.ParseDuration(text)
		if ok {
			c.setInt(row, int64(v))
		}
		return ok
	case table.Guid:
		v, ok := table.ParseGuid(text)
		if ok {
			c.setText(row, []byte(v))
		}
		return ok
	case table.Decimal:
		v, ok := dec.Parse(text)
		if ok {
			c.setText(row, []byte(v))
		}
		return ok
	}
	return false
}

// parseWhole reads a whole number. Unlike tolong() it refuses a fraction, as
// loading must not change a value.
func parseWhole(text string) (int64, bool) {
	if v, ok := smallInt(text); ok {
		return v, true
	}
	v, ok := table.ParseLong(text)
	if ok && strings.ContainsAny(text, ".eE") && !strings.HasPrefix(text, "0x") {
		f, _ := table.ParseReal(text)
		ok = float64(v) == f && f > -1<<53 && f < 1<<53
	}
	return v, ok
}

// smallInt reads up to 18 digits.
func smallInt(text string) (v int64, ok bool) {
	if len(text) > 18 {
		return 0, false
	}
	for i := 0; i < len(text); i++ {
		d := text[i] - '0'
		if d > 9 {
			return 0, false
		}
		v = v*10 + int64(d)
	}
	return v, len(text) > 0
}

// sample shows a value in a message.
func sample(f *dyn.Field) string {
	b := f.Append(nil)
	if len(b) > 60 {
		b = append(bytes.ToValidUTF8(b[:57], nil), "..."...)
	}
	return string(b)
}

// trim cuts off ASCII blanks.
func trim(b []byte) []byte {
	for len(b) > 0 && blank[b[0]] {
		b = b[1:]
	}
	for len(b) > 0 && blank[b[len(b)-1]] {
		b = b[:len(b)-1]
	}
	return b
}

var blank = [256]bool{' ': true, '\t': true, '\n': true, '\r': true}

// view is b as a string without a copy, for parsers that do not keep it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
