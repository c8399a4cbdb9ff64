package main

import (
	"math"
	"testing"
	"time"
)

// The numbers are those that JavaScript prints.
func TestCanonical(t *testing.T) {
	for want, v := range map[string]any{
		`\N`: nil, "a": "a", "1": true, "0": false, "-7": int64(-7), "12": 12.0, "0.333333333": 1.0 / 3,
		"1.23456789e-7": 1.23456789e-7, "1234567.13": 1234567.125,
		"0.000123456789": 0.000123456789, "1.50000000": 1.5, "NaN": math.NaN(),
		"1700000000000001": time.UnixMicro(1700000000000001), "[a\x1eb]": []any{"b", "a"},
	} {
		got, err := appendCanonical(nil, v)
		if err != nil || string(got) != want {
			t.Errorf("%v: %q, %v, want %q", v, got, err, want)
		}
	}
	if got := precision9(12345678901.5); got != "1.23456789e+10" {
		t.Errorf("%s", got)
	}
}
