package rule

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

var (
	shortForm = regexp.MustCompile(`^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?:in)?)?(?:(\d+)s)?$`)
	isoForm   = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)
	clockForm = regexp.MustCompile(`^(?:(\d+)(?:[.:]| days?, ))?(\d{1,2}):(\d{2}):(\d{2})(?:\.0+)?$`)
)

// ParseDuration reads a span of time as Sentinel's YAML (5m, 14d), ISO 8601
// (PT5M, P1DT2H), or .NET and the Azure command line (0:05:00, 1.02:00:00,
// "1 day, 0:00:00")
// have it. Years and months have no fixed length and are refused.
func ParseDuration(text string) (time.Duration, error) {
	s := strings.TrimSpace(text)
	bad := func() (time.Duration, error) {
		return 0, fmt.Errorf("%q is no span of time such as 5m, 1d, PT5M or 00:05:00", text)
	}
	if s == "0" {
		return 0, nil
	}
	if m := clockForm.FindStringSubmatch(s); m != nil {
		return sum([]string{"", m[1], m[2], m[3], m[4]})
	}
	for _, form := range []*regexp.Regexp{shortForm, isoForm} {
		word := s
		if form == shortForm {
			word = strings.ToLower(s)
		} else {
			word = strings.ToUpper(s)
		}
		m := form.FindStringSubmatch(word)
		if m == nil {
			continue
		}
		if strings.Join(m[1:], "") == "" { // P, PT or nothing
			return bad()
		}
		return sum(m[1:])
	}
	if regexp.MustCompile(`^P(\d+[YM]|.*\d+Y)`).MatchString(strings.ToUpper(s)) {
		return 0, fmt.Errorf("%q counts months or years, which have no fixed length; write days", text)
	}
	return bad()
}

// sum adds weeks, days, hours, minutes and seconds.
func sum(parts []string) (time.Duration, error) {
	var d float64
	for i, unit := range []time.Duration{7 * day, day, time.Hour, time.Minute, time.Second} {
		if parts[i] == "" {
			continue
		}
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return 0, fmt.Errorf("%s is too large", parts[i])
		}
		d += float64(n) * float64(unit)
	}
	if d > math.MaxInt64/2 {
		return 0, fmt.Errorf("this is more than a hundred years")
	}
	return time.Duration(d), nil
}

// units are the letters of the short form, largest first.
var units = []struct {
	length time.Duration
	letter string
}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}}

// FormatDuration writes whole units as Sentinel's YAML does: 5m, 1h, 14d; 90m
// where it is no whole number of hours.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0m"
	}
	for _, u := range units {
		if d%u.length == 0 {
			return strconv.FormatInt(int64(d/u.length), 10) + u.letter
		}
	}
	return d.String()
}

// FormatISO writes ISO 8601, as the common alert schema has it.
func FormatISO(d time.Duration) string {
	if d == 0 {
		return "PT0S"
	}
	text := "P"
	if n := d / day; n > 0 {
		text += strconv.FormatInt(int64(n), 10) + "D"
	}
	if d %= day; d == 0 {
		return text
	}
	text += "T"
	for _, u := range units[1:] {
		if n := d / u.length; n > 0 {
			text += strconv.FormatInt(int64(n), 10) + strings.ToUpper(u.letter)
		}
		d %= u.length
	}
	return text
}
