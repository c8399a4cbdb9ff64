package output

import (
	"strconv"
	"strings"

	"tidemark/table"
)

func appendBool(b []byte, v bool) []byte { return strconv.AppendBool(b, v) }

// appendInt appends a value that lies in memory as an int64.
func appendInt(b []byte, t table.Type, v int64) []byte {
	switch t {
	case table.Datetime:
		return table.Time(v).Append(b)
	case table.Timespan:
		return table.Duration(v).Append(b)
	}
	return strconv.AppendInt(b, v, 10)
}

// ShortTime is a datetime for reading: without T and Z, and without the zeros
// at the end of the fraction.
func ShortTime(t table.Time) string {
	s := t.String()
	s = strings.TrimRight(s[:len(s)-1], "0") // the fraction is always there
	s = strings.TrimSuffix(s, ".")
	return strings.Replace(s, "T", " ", 1)
}

// Count writes a number with commas between the thousands.
func Count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Plural is a count with its noun: 1 row, 1,204 rows.
func Plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Bytes is a size for reading, such as 3.4 MB.
func Bytes(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < 5 {
		v /= 1000
		unit++
	}
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + [...]string{"B", "kB", "MB", "GB", "TB", "PB"}[unit]
}
