package table

import (
	"math"
	"strconv"
	"strings"
)

// FormatReal writes a real as Kusto's tostring() does (.NET's shortest form
// that reads back the same): 1.5, 1, 1E+16, NaN, Infinity.
func FormatReal(f float64) string { return string(AppendReal(nil, f)) }

// AppendReal appends what FormatReal writes.
func AppendReal(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "Infinity"...)
	case math.IsInf(f, -1):
		return append(b, "-Infinity"...)
	}
	switch a := math.Abs(f); {
	case a == 0:
	case a >= 1e15 || a < 1e-4:
		return strconv.AppendFloat(b, f, 'E', -1, 64)
	case a == math.Trunc(a): // the same text, in half the time
		return strconv.AppendInt(b, int64(f), 10)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// ParseReal reads a real in the forms that toreal() reads.
func ParseReal(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "":
		return 0, false
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	if strings.ContainsAny(s, "_xXpP") { // Go's forms, not Kusto's
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// ParseLong reads a long in the forms that tolong() reads: decimal or 0x
// hexadecimal; a number with a fraction is cut towards zero.
func ParseLong(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		return v, true
	}
	digits, neg := s, false
	if t, ok := strings.CutPrefix(s, "-"); ok {
		digits, neg = t, true
	}
	if len(digits) > 2 && digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') {
		u, err := strconv.ParseUint(digits[2:], 16, 64)
		if neg {
			return -int64(u), err == nil
		}
		return int64(u), err == nil
	}
	if f, ok := ParseReal(s); ok && f > -1<<63 && f < 1<<63 {
		return int64(f), true
	}
	return 0, false
}

// ParseBool reads a bool in the forms that tobool() reads.
func ParseBool(s string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	if v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil {
		return v != 0, true
	}
	return false, false
}

// ParseGuid reads a guid with or without hyphens, braces or parentheses and
// returns its canonical text: lower case with hyphens.
func ParseGuid(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if n := len(s); n > 1 && (s[0] == '{' && s[n-1] == '}' || s[0] == '(' && s[n-1] == ')') {
		s = s[1 : n-1]
	}
	hyphens := len(s) == 36
	if !hyphens && len(s) != 32 {
		return "", false
	}
	out := make([]byte, 0, 36)
	for i := 0; i < len(s); i++ {
		c := s[i]
		if hyphens && (i == 8 || i == 13 || i == 18 || i == 23) {
			if c != '-' {
				return "", false
			}
			continue
		}
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
		case c >= 'A' && c <= 'F':
			c += 'a' - 'A'
		default:
			return "", false
		}
		if n := len(out); n == 8 || n == 13 || n == 18 || n == 23 {
			out = append(out, '-')
		}
		out = append(out, c)
	}
	return string(out), true
}
