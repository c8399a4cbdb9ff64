package table

import (
	"strconv"
	"time"
)

// Time is a datetime: the number of 100 ns ticks since 0001-01-01T00:00:00Z.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/datetime
type Time int64

// Duration is a timespan in ticks of 100 ns.
// See https://learn.microsoft.com/kusto/query/scalar-data-types/timespan
type Duration int64

// Lengths of time in ticks.
const (
	Tick        Duration = 1
	Microsecond          = 10 * Tick
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
	Day                  = 24 * Hour
)

// The range of a datetime: years 1 to 9999.
const (
	MinTime Time = 0
	MaxTime Time = 3155378975999999999
)

const unixEpochSeconds = 62135596800 // from 0001-01-01 to 1970-01-01

// FromGo converts a Go time; what is below 100 ns is cut off, what is outside
// the range of a datetime becomes the nearest end of it.
func FromGo(t time.Time) Time {
	s := t.Unix() + unixEpochSeconds
	if s < 0 {
		return MinTime
	}
	if s > int64(MaxTime)/int64(Second) {
		return MaxTime
	}
	return Time(s*int64(Second) + int64(t.Nanosecond())/100)
}

// Go converts to a Go time in UTC.
func (t Time) Go() time.Time {
	s, r := int64(t)/int64(Second), int64(t)%int64(Second)
	return time.Unix(s-unixEpochSeconds, r*100).UTC()
}

// UnixMicro is the number of microseconds since 1970, rounded down.
func (t Time) UnixMicro() int64 {
	m := int64(t) - unixEpochSeconds*int64(Second)
	if m%10 < 0 {
		return m/10 - 1
	}
	return m / 10
}

// FromUnix converts seconds and ticks since 1970.
func FromUnix(sec int64, ticks int64) Time {
	return Time((sec+unixEpochSeconds)*int64(Second) + ticks)
}

// Valid reports whether t lies in the years 1 to 9999.
func (t Time) Valid() bool { return t >= MinTime && t <= MaxTime }

// FromGoDuration converts a Go duration; what is below 100 ns is cut off.
func FromGoDuration(d time.Duration) Duration { return Duration(d / 100) }

// Go converts to a Go duration, which is shorter in range (292 years); what
// is outside becomes the nearest end of it.
func (d Duration) Go() time.Duration {
	const limit = Duration(1<<63-1) / 100
	return time.Duration(max(-limit, min(limit, d))) * 100
}

// String writes RFC 3339 with seven fractional digits, as tostring() does.
func (t Time) String() string { return string(t.Append(nil)) }

// Append appends what String writes.
func (t Time) Append(b []byte) []byte {
	g := t.Go()
	y, m, d := g.Date()
	b = pad(b, y, 4)
	b = append(b, '-')
	b = pad(b, int(m), 2)
	b = append(b, '-')
	b = pad(b, d, 2)
	b = append(b, 'T')
	b = pad(b, g.Hour(), 2)
	b = append(b, ':')
	b = pad(b, g.Minute(), 2)
	b = append(b, ':')
	b = pad(b, g.Second(), 2)
	b = append(b, '.')
	b = pad(b, g.Nanosecond()/100, 7)
	return append(b, 'Z')
}

func pad(b []byte, v, width int) []byte {
	var digits [20]byte
	i := len(digits)
	for v > 0 || width > 0 {
		i--
		digits[i] = byte('0' + v%10)
		v /= 10
		width--
	}
	return append(b, digits[i:]...)
}

// String writes [-][d.]hh:mm:ss[.fffffff], as tostring() does.
func (d Duration) String() string { return string(d.Append(nil)) }

// Append appends what String writes.
func (d Duration) Append(b []byte) []byte {
	u := uint64(d)
	if d < 0 {
		b = append(b, '-')
		u = -u
	}
	if days := u / uint64(Day); days > 0 {
		b = strconv.AppendUint(b, days, 10)
		b = append(b, '.')
	}
	b = pad(b, int(u/uint64(Hour)%24), 2)
	b = append(b, ':')
	b = pad(b, int(u/uint64(Minute)%60), 2)
	b = append(b, ':')
	b = pad(b, int(u/uint64(Second)%60), 2)
	if f := u % uint64(Second); f > 0 {
		b = append(b, '.')
		b = pad(b, int(f), 7)
	}
	return b
}
