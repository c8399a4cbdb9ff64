package table

import (
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a datetime in any of the forms that Kusto reads: ISO 8601
// (with any number of fractional digits, a zone or none, a blank for the T),
// RFC 822 and 850, and the American form that the Azure portal exports.
// Without a zone it is UTC.
func ParseTime(s string) (Time, bool) {
	s = strings.TrimSpace(s)
	if t, ok := parseISO(s); ok {
		return t, true
	}
	// Newer browsers put a narrow no-break space before AM, and so do exports.
	s = strings.ReplaceAll(s, "\u202f", " ")
	for _, layout := range layoutsFor(s) {
		if g, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return fromZone(g)
		}
	}
	return 0, false
}

// zones are the zone names of RFC 822 in hours from UTC.
var zones = map[string]int{
	"UTC": 0, "UT": 0, "GMT": 0, "": 0,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// fromZone converts a parsed Go time. Package time takes a zone name that it
// does not know for UTC; here it makes the text no datetime.
func fromZone(g time.Time) (Time, bool) {
	name, offset := g.Zone()
	if offset == 0 {
		hours, ok := zones[name]
		if !ok {
			return 0, false
		}
		g = g.Add(time.Duration(-hours) * time.Hour)
	}
	if y := g.Year(); y < 1 || y > 9999 {
		return 0, false
	}
	return FromGo(g), true
}

// layoutsFor returns the forms of todatetime() that are not ISO 8601 and that
// a text can have: trying a form is slow when it fails.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/datetime#supported-formats
func layoutsFor(s string) []string {
	switch strings.IndexByte(s, '/') {
	case -1:
		return wordLayouts
	case 4:
		return yearLayouts
	}
	return americanLayouts
}

var (
	wordLayouts = []string{
		"Mon, 2 Jan 06 15:04:05 MST", "Mon, 2 Jan 06 15:04 MST", "2 Jan 06 15:04:05 MST", "2 Jan 06 15:04 MST",
		"Mon, 2 Jan 2006 15:04:05 MST", "Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006",
		"Monday, 2-Jan-06 15:04:05 MST", "Monday, 2-Jan-06 15:04 MST", "2-Jan-06 15:04:05 MST", "2-Jan-06 15:04 MST", "2-Jan-06",
		"Mon, 02 Jan 2006 15:04:05 -0700", "02 Jan 2006 15:04:05 -0700",
		"Mon Jan 2 15:04:05 2006", "Mon Jan 2 15:04:05 2006 MST", "January 2, 2006", "Jan 2, 2006", "January 2, 2006 15:04:05", "Jan 2, 2006 15:04:05",
		"1-2-2006 15:04:05", "1-2-2006",
	}
	americanLayouts = []string{
		"1/2/2006, 3:04:05.999999999 PM", "1/2/2006 3:04:05.999999999 PM", "1/2/2006, 3:04:05 PM", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM",
		"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
	}
	yearLayouts = []string{"2006/1/2 15:04:05.999999999", "2006/1/2 15:04:05", "2006/1/2"}
)

// parseISO reads yyyy-MM[-dd][ T]HH:mm[:ss[.fffffff]][Z|±hh[:]mm], and yyyy.
func parseISO(s string) (Time, bool) {
	p := isoScanner{s: s}
	year, ok := p.number(4, 4)
	if !ok {
		return 0, false
	}
	month, day, h, m, sec, frac := 1, 1, 0, 0, 0, 0
	switch {
	case p.done():
	case p.eat('-'):
		if month, ok = p.number(1, 2); !ok {
			return 0, false
		}
		if p.eat('-') {
			if day, ok = p.number(1, 2); !ok {
				return 0, false
			}
		}
	default: // basic form: yyyyMMdd
		if month, ok = p.number(2, 2); !ok {
			return 0, false
		}
		if day, ok = p.number(2, 2); !ok {
			return 0, false
		}
	}
	offset := 0
	if !p.done() {
		if !p.eat('T') && !p.eat('t') && !p.eat(' ') {
			return 0, false
		}
		p.spaces()
		if h, ok = p.number(1, 2); !ok || !p.eat(':') {
			return 0, false
		}
		if m, ok = p.number(1, 2); !ok {
			return 0, false
		}
		if p.eat(':') {
			if sec, ok = p.number(1, 2); !ok {
				return 0, false
			}
			if p.eat('.') || p.eat(',') {
				if frac, ok = p.fraction(); !ok {
					return 0, false
				}
			}
		}
		p.spaces()
		if offset, ok = p.zone(); !ok {
			return 0, false
		}
	}
	if !p.done() || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || h > 23 && (h != 24 || m+sec+frac != 0) || m > 59 || sec > 60 || year < 1 {
		return 0, false
	}
	days := daysBefore(year) + int64(yearDay(year, month, day))
	t := Time(((days*24+int64(h))*60+int64(m)-int64(offset))*int64(Minute) + int64(sec)*int64(Second) + int64(frac))
	return t, t.Valid()
}

// MakeTime returns the datetime of a calendar date and time of day, and
// whether there is such a date.
func MakeTime(year, month, day, hour, minute int, ticks int64) (Time, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || ticks < 0 || ticks >= int64(Minute) {
		return 0, false
	}
	days := daysBefore(year) + int64(yearDay(year, month, day))
	return Time(((days*24+int64(hour))*60+int64(minute))*int64(Minute) + ticks), true
}

var monthStart = [...]int{0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365}

func leap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int) int {
	if month == 2 && leap(year) {
		return 29
	}
	return monthStart[month] - monthStart[month-1]
}

func yearDay(year, month, day int) int {
	d := monthStart[month-1] + day - 1
	if month > 2 && leap(year) {
		d++
	}
	return d
}

func daysBefore(year int) int64 {
	y := int64(year - 1)
	return y*365 + y/4 - y/100 + y/400
}

type isoScanner struct {
	s string
	i int
}

func (p *isoScanner) done() bool { return p.i >= len(p.s) }

func (p *isoScanner) eat(c byte) bool {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *isoScanner) spaces() {
	for p.eat(' ') {
	}
}

// number reads between least and most digits.
func (p *isoScanner) number(least, most int) (int, bool) {
	v, n := 0, 0
	for n < most && p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		v = v*10 + int(p.s[p.i]-'0')
		p.i++
		n++
	}
	return v, n >= least
}

// fraction reads the digits after the point as ticks; digits beyond the
// seventh are dropped.
func (p *isoScanner) fraction() (int, bool) {
	v, n := 0, 0
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		if n < 7 {
			v = v*10 + int(p.s[p.i]-'0')
		}
		n++
		p.i++
	}
	for k := n; k < 7; k++ {
		v *= 10
	}
	return v, n > 0
}

// zone reads Z, UTC, GMT or an offset and returns it in minutes.
func (p *isoScanner) zone() (int, bool) {
	rest := p.s[p.i:]
	switch strings.ToUpper(rest) {
	case "":
		return 0, true
	case "Z", "UTC", "GMT":
		p.i = len(p.s)
		return 0, true
	}
	sign := 1
	if p.eat('-') {
		sign = -1
	} else if !p.eat('+') {
		return 0, false
	}
	h, ok := p.number(1, 2)
	if !ok {
		return 0, false
	}
	p.eat(':')
	m := 0
	if !p.done() {
		if m, ok = p.number(2, 2); !ok {
			return 0, false
		}
	}
	return sign * (h*60 + m), h <= 14 && m <= 59
}

// ParseDuration reads a timespan: [-][d.]hh:mm[:ss[.fffffff]], a number of days,
// or a number with a unit such as 1.5h.
func ParseDuration(s string) (Duration, bool) {
	s = strings.TrimSpace(s)
	neg := false
	if t, ok := strings.CutPrefix(s, "-"); ok {
		neg, s = true, t
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if u, ok := parseClock(s); ok {
		switch {
		case neg && u <= 1<<63:
			return Duration(-u), true
		case !neg && u < 1<<63:
			return Duration(u), true
		}
		return 0, false
	}
	d, ok := parseUnits(s)
	if neg {
		d = -d
	}
	return d, ok
}

// parseClock reads [d.]hh:mm[:ss[.fffffff]] as ticks.
func parseClock(s string) (uint64, bool) {
	p := isoScanner{s: s}
	first, ok := p.number(1, 8)
	if !ok {
		return 0, false
	}
	days, h := 0, first
	if p.eat('.') || strings.Count(s, ":") == 3 && p.eat(':') {
		days = first
		if h, ok = p.number(1, 2); !ok {
			return 0, false
		}
	}
	if !p.eat(':') {
		return 0, false
	}
	m, ok := p.number(1, 2)
	if !ok {
		return 0, false
	}
	sec, frac := 0, 0
	if p.eat(':') {
		if sec, ok = p.number(1, 2); !ok {
			return 0, false
		}
		if p.eat('.') {
			if frac, ok = p.fraction(); !ok {
				return 0, false
			}
		}
	}
	if !p.done() || h > 23 || m > 59 || sec > 59 || days > 10675199 {
		return 0, false
	}
	ticks := Duration(h)*Hour + Duration(m)*Minute + Duration(sec)*Second + Duration(frac)
	return uint64(days)*uint64(Day) + uint64(ticks), true
}

// Units maps the unit suffixes of timespan literals to their length.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/timespan#timespan-literals
var Units = map[string]Duration{
	"d": Day, "day": Day, "days": Day,
	"h": Hour, "hr": Hour, "hrs": Hour, "hour": Hour, "hours": Hour,
	"m": Minute, "min": Minute, "minute": Minute, "minutes": Minute,
	"s": Second, "sec": Second, "second": Second, "seconds": Second,
	"ms": Millisecond, "milli": Millisecond, "millis": Millisecond, "millisec": Millisecond, "millisecond": Millisecond, "milliseconds": Millisecond,
	"micro": Microsecond, "micros": Microsecond, "microsec": Microsecond, "microsecond": Microsecond, "microseconds": Microsecond,
	"nano": 0, "nanos": 0, "nanosecond": 0, "nanoseconds": 0, // 1/100 of a tick, see parseUnits
	"tick": Tick, "ticks": Tick,
}

// parseUnits reads a number followed by a unit; without one it is days.
func parseUnits(s string) (Duration, bool) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.') {
		end++
	}
	num, unit := s[:end], strings.TrimSpace(s[end:])
	if num == "" {
		return 0, false
	}
	length, ok := Units[unit]
	if unit == "" {
		length, ok = Day, true
	}
	if !ok {
		return 0, false
	}
	scale, divisor := length, Duration(1)
	if length == 0 {
		scale, divisor = 1, 100
	}
	if n, err := strconv.ParseInt(num, 10, 64); err == nil {
		if n > int64(1<<63-1)/int64(scale) {
			return 0, false
		}
		return Duration(n) * scale / divisor, true
	}
	f, err := strconv.ParseFloat(num, 64)
	f = f * float64(scale) / float64(divisor)
	if err != nil || f >= 1<<63 {
		return 0, false
	}
	return Duration(f + 0.5), true
}
