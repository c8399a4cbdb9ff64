package ingest

import (
	"strconv"
	"strings"
	"time"

	"tidemark/table"
)

// epochSeconds reads seconds since 1970, with or without a fraction. Empty and
// "0" are no time: agents write them for files that they could not look at.
func epochSeconds(text string) (table.Time, error) {
	if text == "" || text == "0" {
		return 0, nil
	}
	whole, frac, _ := strings.Cut(text, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec < -1<<36 || sec > 1<<38 {
		return 0, badTime(text)
	}
	ticks := int64(0)
	for i := range 7 {
		ticks *= 10
		if i < len(frac) {
			if frac[i] < '0' || frac[i] > '9' {
				return 0, badTime(text)
			}
			ticks += int64(frac[i] - '0')
		}
	}
	if t := table.FromUnix(sec, ticks); t.Valid() {
		return t, nil
	}
	return 0, badTime(text)
}

// epochNanos reads nanoseconds since 1970. They do not fit a float64.
func epochNanos(text string) (table.Time, error) {
	ns, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, badTime(text)
	}
	return table.FromGo(time.Unix(0, ns)), nil
}

// wallTime reads a time in any form that ParseTime knows. One that names no
// zone is in zone, UTC where that is nil. Empty text is no time.
func wallTime(text string, zone *time.Location) (table.Time, error) {
	if text == "" {
		return 0, nil
	}
	t, ok := table.ParseTime(text)
	if !ok {
		return 0, badTime(text)
	}
	if zone == nil || namesZone(text) {
		return t, nil
	}
	g := t.Go()
	return table.FromGo(time.Date(g.Year(), g.Month(), g.Day(), g.Hour(), g.Minute(), g.Second(), g.Nanosecond(), zone)), nil
}

// namesZone reports whether a time says its zone: by Z, an offset or a name
// behind the clock.
func namesZone(text string) bool {
	_, rest, ok := strings.Cut(text, ":")
	if !ok {
		return false
	}
	if strings.ContainsAny(rest, "+-Zz") {
		return true
	}
	last := rest[strings.LastIndexByte(rest, ' ')+1:]
	return last != "AM" && last != "PM" && last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

func badTime(text string) error {
	if len(text) > 60 {
		text = text[:60]
	}
	return reject(BadValue, "%q is not a time", text)
}

// moment returns t, and fails the row where there was an error in reading it.
func (r *rows) moment(t table.Time, err error) table.Time {
	if err != nil {
		r.fail(err)
	}
	return t
}
