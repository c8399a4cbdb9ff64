package ingest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"tidemark/table"
)

// timeFormat says how a time is written.
type timeFormat struct {
	unit   string // one of timeUnits, empty for a pattern
	layout string // of package time
}

// timeUnits are the words for times that are numbers: since 1970, or, for
// filetime, 100 ns since 1601.
var timeUnits = []string{"unix", "unix-ms", "unix-us", "unix-ns", "filetime"}

// parseTimeFormat reads a word, or a pattern as of format_datetime().
func parseTimeFormat(text string) (*timeFormat, error) {
	if slices.Contains(timeUnits, text) {
		return &timeFormat{unit: text}, nil
	}
	layout, err := goLayout(text)
	if err != nil {
		return nil, err
	}
	sample := time.Date(2023, 11, 24, 13, 45, 56, 0, time.UTC)
	if back, err := time.Parse(layout, sample.Format(layout)); err != nil || back.Year() != 2023 {
		return nil, fmt.Errorf("%q is no pattern of a time with a year", text)
	}
	return &timeFormat{layout: layout}, nil
}

// timeTokens are the parts of patterns and those of layouts of package time,
// the longer ones first.
var timeTokens = []string{
	"yyyy", "2006", "yy", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "M", "1", "dddd", "Monday", "ddd", "Mon", "dd", "02", "d", "2",
	"HH", "15", "H", "15", "hh", "03", "h", "3", "mm", "04", "m", "4", "ss", "05", "s", "5", "tt", "PM", "zzz", "-07:00", "zz", "-07", "z", "Z07:00", "K", "Z07:00",
}

func goLayout(pattern string) (string, error) {
	var b strings.Builder
next:
	for rest := pattern; rest != ""; {
		if n := len(rest) - len(strings.TrimLeft(rest[1:], "fF")) - 1; n > 0 && (rest[0] == '.' || rest[0] == ',') {
			b.WriteString(rest[:1] + "999999999")
			rest = rest[n+1:]
			continue
		}
		for i := 0; i < len(timeTokens); i += 2 {
			if after, ok := strings.CutPrefix(rest, timeTokens[i]); ok {
				b.WriteString(timeTokens[i+1])
				rest = after
				continue next
			}
		}
		c := rest[0]
		if c >= '0' && c <= '9' || c == '_' || c != 'T' && c != 'Z' && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return "", fmt.Errorf("%q is no pattern of a time: %q means nothing in it", pattern, c)
		}
		b.WriteByte(c)
		rest = rest[1:]
	}
	return b.String(), nil
}

// read reads a time. One that does not say its zone is in zone.
func (f *timeFormat) read(text string, zone *time.Location) (table.Time, bool) {
	if f.unit == "" {
		if zone == nil {
			zone = time.UTC
		}
		t, err := time.ParseInLocation(f.layout, text, zone)
		v := table.FromGo(t)
		return v, err == nil && v.Valid()
	}
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	part := 0.0
	if err == nil && strings.Trim(fraction, "0123456789") != "" {
		err = strconv.ErrSyntax
	}
	if err == nil && fraction != "" {
		part, err = strconv.ParseFloat("0."+fraction, 64)
		if strings.HasPrefix(whole, "-") {
			part = -part
		}
	}
	if err != nil { // such as 1.7e9
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f != f || f > 1e19 || f < -1e19 {
			return 0, false
		}
		n = int64(f)
		part = f - float64(n)
	}
	return f.ticks(n, part)
}

// ticks makes a time of a number of units.
func (f *timeFormat) ticks(n int64, part float64) (table.Time, bool) {
	epoch := table.FromUnix(0, 0)
	per := map[string]int64{"unix": 1e7, "unix-ms": 1e4, "unix-us": 10, "filetime": 1}[f.unit]
	switch {
	case f.unit == "unix-ns":
		return epoch + table.Time(n/100), true
	case f.unit == "filetime":
		epoch = table.FromGo(time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	const most = 1 << 62
	if n > most/per || n < -most/per {
		return 0, false
	}
	t := epoch + table.Time(n*per+int64(math.Round(part*float64(per))))
	return t, t.Valid()
}
