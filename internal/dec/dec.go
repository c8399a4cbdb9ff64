// Package dec computes with KQL's decimal type, whose values are kept as
// canonical text: plain digits, no exponent, no trailing zeros of our making.
// It is the one place that knows which decimal library that is.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/decimal
package dec

import (
	"math"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// context has the 34 significant digits of a 128-bit decimal.
var context = func() *apd.Context {
	c := apd.BaseContext.WithPrecision(34)
	c.Traps = 0
	return c
}()

func read(s string) (*apd.Decimal, bool) {
	d, _, err := apd.NewFromString(s)
	return d, err == nil && d.Form == apd.Finite
}

func write(d *apd.Decimal) (string, bool) {
	if d.Form != apd.Finite {
		return "", false
	}
	return d.Text('f'), true
}

// Parse returns the canonical text of a decimal written with or without an
// exponent, and whether it is one.
func Parse(s string) (string, bool) {
	d, ok := read(strings.TrimSpace(s))
	if !ok || d.Exponent > 400 || d.Exponent < -400 {
		return "", false
	}
	return write(d)
}

// FromReal converts a real.
func FromReal(f float64) (string, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", false
	}
	var d apd.Decimal
	if _, err := d.SetFloat64(f); err != nil {
		return "", false
	}
	return write(&d)
}

// Real converts to the nearest real.
func Real(s string) (float64, bool) {
	d, ok := read(s)
	if !ok {
		return 0, false
	}
	f, err := d.Float64()
	return f, err == nil
}

// Long converts to a long, cut towards zero.
func Long(s string) (int64, bool) {
	d, ok := read(s)
	if !ok {
		return 0, false
	}
	var i, f apd.Decimal
	d.Modf(&i, &f)
	v, err := i.Int64()
	return v, err == nil
}

// Compare compares two decimals by value. What is not a decimal is less.
func Compare(a, b string) int {
	x, okx := read(a)
	y, oky := read(b)
	switch {
	case !okx && !oky:
		return 0
	case !okx:
		return -1
	case !oky:
		return 1
	}
	return x.Cmp(y)
}

// Op computes a op b for + - * / %; division by zero gives false.
func Op(op byte, a, b string) (string, bool) {
	x, okx := read(a)
	y, oky := read(b)
	if !okx || !oky {
		return "", false
	}
	var out apd.Decimal
	var err error
	switch op {
	case '+':
		_, err = context.Add(&out, x, y)
	case '-':
		_, err = context.Sub(&out, x, y)
	case '*':
		_, err = context.Mul(&out, x, y)
	case '/':
		_, err = context.Quo(&out, x, y)
		out.Reduce(&out)
	case '%':
		_, err = context.Rem(&out, x, y)
	}
	if err != nil {
		return "", false
	}
	return write(&out)
}

// Round rounds to a number of digits after the point, half away from zero.
func Round(s string, digits int32) (string, bool) {
	d, ok := read(s)
	if !ok {
		return "", false
	}
	c := *context
	c.Rounding = apd.RoundHalfUp
	var out apd.Decimal
	if _, err := c.Quantize(&out, d, -digits); err != nil {
		return "", false
	}
	return write(&out)
}
