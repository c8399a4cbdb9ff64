package fn

import (
	"math"
	"strings"
	"time"

	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "format_datetime", Literal: []int{1}, Family: "datetime", Naming: ByFirst,
		Doc:       "Writes a datetime by a pattern of y, M, d, h, H, m, s, f, F and tt.",
		Examples:  []Example{{`print format_datetime(datetime(2017-01-29 09:00:05), "yy-MM-dd [hh:mm:ss tt]")`, `17-01-29 [09:00:05 AM]`}},
		Overloads: []Overload{Of2(formatDatetime)},
	})
	register(Scalar{
		Name: "format_timespan", Literal: []int{1}, Family: "datetime", Naming: ByFirst,
		Doc:       "Writes a timespan by a pattern of d, h, H, m, s, f and F.",
		Examples:  []Example{{`print format_timespan(time(29.09:00:05.12345), "dd.hh:mm:ss [FF]")`, `29.09:00:05 [12]`}},
		Overloads: []Overload{Of2(formatTimespan)},
	})
	register(Scalar{
		Name: "make_datetime", Family: "datetime", Naming: ByOnly,
		Doc:      "Makes a datetime of a year, month, day and perhaps hour, minute and second; null where there is no such.",
		Examples: []Example{{`print make_datetime(2017, 10, 1, 12, 11, 0.1234567)`, `2017-10-01T12:11:00.1234567Z`}},
		Overloads: []Overload{
			Try3(func(y, m, d int64) (table.Time, bool) { return makeDatetime(y, m, d, 0, 0, 0) }),
			Try4(func(y, m, d, h int64) (table.Time, bool) { return makeDatetime(y, m, d, h, 0, 0) }),
			Rows([]Param{P(table.Long), P(table.Long), P(table.Long), P(table.Long), P(table.Long)}, false, table.Datetime, makeDatetimeRow),
			Rows([]Param{P(table.Long), P(table.Long), P(table.Long), P(table.Long), P(table.Long), P(table.Real)}, false, table.Datetime, makeDatetimeRow),
			Of1(func(t table.Time) table.Time { return t }),
			Try1(func(s Text) (table.Time, bool) { return table.ParseTime(string(s)) }),
		},
	})
	register(Scalar{
		Name: "make_timespan", Family: "datetime", Naming: ByOnly,
		Doc:      "Makes a timespan of hours, minutes and perhaps seconds, or of days, hours, minutes and seconds; null where one is out of range.",
		Examples: []Example{{`print make_timespan(1, 12, 30, 55.123)`, `1.12:30:55.1230000`}},
		Overloads: []Overload{
			Try2(func(h, m int64) (table.Duration, bool) { return makeTimespan(0, h, m, 0) }),
			Try3(func(h, m int64, s float64) (table.Duration, bool) { return makeTimespan(0, h, m, s) }),
			Try4(makeTimespan),
			Of1(func(d table.Duration) table.Duration { return d }),
			Try1(func(s Text) (table.Duration, bool) { return table.ParseDuration(string(s)) }),
		},
	})
}

func makeDatetime(y, month, d, h, m int64, s float64) (table.Time, bool) {
	for _, v := range []int64{y, month, d, h, m} {
		if v < 0 || v > 9999 {
			return 0, false
		}
	}
	ticks, ok := secondTicks(s)
	if !ok {
		return 0, false
	}
	return table.MakeTime(int(y), int(month), int(d), int(h), int(m), ticks)
}

// secondTicks is the number of ticks of seconds within a minute.
func secondTicks(s float64) (int64, bool) {
	ticks := math.Round(s * float64(table.Second))
	return int64(ticks), ticks >= 0 && ticks < float64(table.Minute)
}

// makeDatetimeRow takes the five or six parts down to the second.
func makeDatetimeRow(_ []table.Type, row []any) any {
	var parts [5]int64
	for i, v := range row {
		if v == nil {
			return nil
		}
		if i < len(parts) {
			parts[i] = v.(int64)
		}
	}
	seconds := 0.0
	if len(row) == 6 {
		seconds = row[5].(float64)
	}
	t, ok := makeDatetime(parts[0], parts[1], parts[2], parts[3], parts[4], seconds)
	if !ok {
		return nil
	}
	return int64(t)
}

func makeTimespan(d, h, m int64, s float64) (table.Duration, bool) {
	ticks, ok := secondTicks(s)
	if !ok || d < 0 || d > 10675198 || h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	return table.Duration(d)*table.Day + table.Duration(h)*table.Hour + table.Duration(m)*table.Minute + table.Duration(ticks), true
}

// eachSpecifier calls f with every run of the same letter in a pattern and
// copies what lies between; 'text' and \x stand for themselves.
func eachSpecifier(pattern string, b *strings.Builder, f func(letter byte, n int)) {
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			f(c, n)
			i += n
		case c == '\'' && strings.IndexByte(pattern[i+1:], '\'') >= 0:
			n := strings.IndexByte(pattern[i+1:], '\'')
			b.WriteString(pattern[i+1 : i+1+n])
			i += n + 2
		case c == '\\' && i+1 < len(pattern):
			b.WriteByte(pattern[i+1])
			i += 2
		default:
			b.WriteByte(c)
			i++
		}
	}
}

// formatDatetime knows the specifiers of Kusto's documentation and, beyond
// them, the names of months and days that .NET has. Other letters, such as T
// and Z, stand for themselves.
func formatDatetime(t table.Time, pattern string) string {
	var b strings.Builder
	year, month, day := civil(dayOf(t))
	clock := int64(t) % int64(table.Day)
	hour := int(clock / int64(table.Hour))
	eachSpecifier(pattern, &b, func(c byte, n int) {
		switch {
		case c == 'y' && n <= 2:
			putNumber(&b, int64(year%100), n)
		case c == 'y':
			putNumber(&b, int64(year), n)
		case c == 'M' && n <= 2:
			putNumber(&b, int64(month), n)
		case c == 'M':
			putName(&b, time.Month(month).String(), n)
		case c == 'd' && n <= 2:
			putNumber(&b, int64(day), n)
		case c == 'd':
			putName(&b, time.Weekday((dayOf(t)+1)%7).String(), n)
		case c == 'H':
			putNumber(&b, int64(hour), n)
		case c == 'h':
			putNumber(&b, int64((hour+11)%12+1), n)
		case c == 't':
			b.WriteString([]string{"AM", "PM"}[hour/12][:min(n, 2)])
		default:
			putClock(&b, c, n, clock)
		}
	})
	return b.String()
}

func formatTimespan(d table.Duration, pattern string) string {
	var b strings.Builder
	u := uint64(d)
	if d < 0 {
		b.WriteByte('-')
		u = -u
	}
	clock := int64(u % uint64(table.Day))
	eachSpecifier(pattern, &b, func(c byte, n int) {
		switch c {
		case 'd':
			putNumber(&b, int64(u/uint64(table.Day)), n)
		case 'h', 'H':
			putNumber(&b, clock/int64(table.Hour), n)
		default:
			putClock(&b, c, n, clock)
		}
	})
	return b.String()
}

// putClock writes what datetimes and timespans have in common: minutes,
// seconds and fractions of them. Letters that mean nothing are copied.
func putClock(b *strings.Builder, c byte, n int, clock int64) {
	switch c {
	case 'm':
		putNumber(b, clock/int64(table.Minute)%60, n)
	case 's':
		putNumber(b, clock/int64(table.Second)%60, n)
	case 'f', 'F':
		var digits [7]byte
		fraction := clock % int64(table.Second)
		for i := len(digits) - 1; i >= 0; i-- {
			digits[i] = byte('0' + fraction%10)
			fraction /= 10
		}
		s := string(digits[:min(n, len(digits))])
		if c == 'F' { // without zeros at the end
			s = strings.TrimRight(s, "0")
		}
		b.WriteString(s)
	default:
		for range n {
			b.WriteByte(c)
		}
	}
}

// putNumber writes v with at least n digits.
func putNumber(b *strings.Builder, v int64, n int) {
	var digits [20]byte
	i := len(digits)
	for v > 0 || n > 0 {
		i--
		digits[i] = byte('0' + v%10)
		v /= 10
		n--
		if i == 0 {
			break
		}
	}
	b.Write(digits[i:])
}

func putName(b *strings.Builder, name string, n int) {
	if n == 3 {
		name = name[:3]
	}
	b.WriteString(name)
}
