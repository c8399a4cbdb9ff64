package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark"
	"tidemark/table"
)

// checksum adds up an answer in the form that README.md lays down, so that it
// is the same for every engine with the same answer.
type checksum struct {
	cols    []sumColumn // by name
	ordered bool
	rows    int64
	sum     uint64
	total   float64
	text    []byte
}

type sumColumn struct {
	name    string
	at      int
	dynamic bool
}

func newChecksum(cols []table.Column, ordered bool, drop []string) *checksum {
	s := &checksum{ordered: ordered}
	for i, c := range cols {
		if !slices.Contains(drop, c.Name) {
			s.cols = append(s.cols, sumColumn{c.Name, i, c.Type == table.Dynamic})
		}
	}
	slices.SortStableFunc(s.cols, func(a, b sumColumn) int { return strings.Compare(a.name, b.name) })
	return s
}

func (s *checksum) add(row tidemark.Row) error {
	s.text = s.text[:0]
	if s.ordered {
		s.text = append(strconv.AppendInt(s.text, s.rows, 10), 0x1d)
	}
	for i, c := range s.cols {
		if i > 0 {
			s.text = append(s.text, 0x1f)
		}
		v := row.Value(c.at)
		if text, ok := v.(string); ok && c.dynamic {
			d := json.NewDecoder(strings.NewReader(text))
			d.UseNumber()
			if err := d.Decode(&v); err != nil {
				return fmt.Errorf("column %s: %w", c.name, err)
			}
		}
		s.total += number(v)
		var err error
		if s.text, err = appendCanonical(s.text, v); err != nil {
			return fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	h := sha256.Sum256(s.text)
	s.sum += binary.BigEndian.Uint64(h[:8])
	s.rows++
	return nil
}

func (s *checksum) answer() answer {
	names := make([]string, len(s.cols))
	for i, c := range s.cols {
		names[i] = c.name
	}
	return answer{"rows": s.rows, "checksum": fmt.Sprintf("%016x", s.sum), "total": s.total, "columns": names}
}

// number is what a value adds to the total.
func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case time.Time:
		return float64(v.UnixMicro())
	}
	return 0
}

func appendCanonical(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, `\N`...), nil
	case string:
		return append(b, v...), nil
	case bool:
		if v {
			return append(b, '1'), nil
		}
		return append(b, '0'), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case time.Time:
		return strconv.AppendInt(b, v.UnixMicro(), 10), nil
	case float64:
		return append(b, precision9(v)...), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return strconv.AppendInt(b, n, 10), nil
		}
		f, err := v.Float64()
		return append(b, precision9(f)...), err
	case []any:
		return appendArray(b, v)
	}
	return b, fmt.Errorf("a %T has no canonical form", v)
}

// appendArray writes the elements sorted: the order in a set means nothing.
func appendArray(b []byte, list []any) ([]byte, error) {
	parts := make([][]byte, len(list))
	for i, e := range list {
		var err error
		if parts[i], err = appendCanonical(nil, e); err != nil {
			return b, err
		}
	}
	slices.SortFunc(parts, bytes.Compare)
	b = append(b, '[')
	b = append(b, bytes.Join(parts, []byte{0x1e})...)
	return append(b, ']'), nil
}

// precision9 writes a number as JavaScript does: whole ones as integers, others
// as toPrecision(9), which turns to exponents below 1e-6 and from 1e9 on, and
// rounds what lies in the middle away from zero.
func precision9(f float64) string {
	if f == math.Trunc(f) && !math.IsInf(f, 0) && math.Abs(f) < 1e21 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	if digits := strings.TrimLeft(strconv.FormatFloat(f, 'e', 40, 64), "-"); strings.HasPrefix(digits[min(10, len(digits)):], "5"+strings.Repeat("0", 30)) {
		f = math.Nextafter(f, math.Inf(int(math.Copysign(1, f))))
	}
	text := strconv.FormatFloat(f, 'e', 8, 64)
	mantissa, exp, ok := strings.Cut(text, "e")
	e, err := strconv.Atoi(exp)
	if !ok || err != nil {
		return text // NaN and the infinities
	}
	if e < -6 || e >= 9 {
		return fmt.Sprintf("%se%+d", mantissa, e)
	}
	return strconv.FormatFloat(f, 'f', 8-e, 64)
}
