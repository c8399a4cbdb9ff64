package fn

import (
	"fmt"
	"math"
	"strings"

	"tidemark/engine/vec"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "now", Family: "datetime",
		Doc:       "Returns the time at which the query began, plus an offset if one is given.",
		Examples:  []Example{{`print now() - now(-1d)`, `1.00:00:00`}},
		Overloads: []Overload{atNow(nil, 1), atNow([]Param{P(table.Timespan)}, 1)},
	})
	register(Scalar{
		Name: "ago", Family: "datetime",
		Doc:       "Returns the time that lies a timespan before the query began.",
		Examples:  []Example{{`print now() - ago(1h)`, `01:00:00`}},
		Overloads: []Overload{atNow([]Param{P(table.Timespan)}, -1)},
	})
	register(Scalar{
		Name: "datetime_add", Literal: []int{0}, Family: "datetime",
		Doc:       "Adds a number of years, quarters, months, weeks, days, hours, minutes, seconds or parts of them to a datetime.",
		Examples:  []Example{{`print datetime_add("month", 1, datetime(2017-01-31))`, `2017-02-28T00:00:00.0000000Z`}},
		Overloads: []Overload{Try3(addPart)},
		Resolve:   withPart("datetime_add", addParts, Try3(addPart)),
	})
	register(Scalar{
		Name: "datetime_diff", Literal: []int{0}, Family: "datetime",
		Doc:       "Counts the boundaries between years, quarters, months, weeks, days and so on from the second datetime to the first.",
		Examples:  []Example{{`print datetime_diff("year", datetime(2017-01-01), datetime(2000-12-31))`, `17`}},
		Overloads: []Overload{Try3(diffPart)},
		Resolve:   withPart("datetime_diff", addParts, Try3(diffPart)),
	})
	register(Scalar{
		Name: "datetime_part", Literal: []int{0}, Aliases: []string{"datepart"}, Family: "datetime",
		Doc:       "Returns a part of a datetime, such as its month, as a number.",
		Examples:  []Example{{`print datetime_part("week_of_year", datetime(2017-10-30 01:02:03.7654321))`, `44`}},
		Overloads: []Overload{Try2(partOf)},
		Resolve:   withPart("datetime_part", readParts, Try2(partOf)),
	})
	for _, f := range []struct {
		name, alias, page, doc, want string
		f                            func(table.Time) Int
	}{
		{"dayofmonth", "", "day-of-month-function", "Returns the day of the month, from 1.", "14", func(t table.Time) Int { _, _, d := civil(dayOf(t)); return Int(d) }},
		{"dayofyear", "", "day-of-year-function", "Returns the day of the year, from 1.", "348", dayOfYear},
		{"hourofday", "", "hour-of-day-function", "Returns the hour of the day, from 0 to 23.", "18", func(t table.Time) Int { return Int(int64(t) / int64(table.Hour) % 24) }},
		{"getyear", "", "", "Returns the year.", "2015", func(t table.Time) Int { y, _, _ := civil(dayOf(t)); return Int(y) }},
		{"getmonth", "", "monthofyear-function", "Returns the month, from 1 to 12.", "12", monthOf},
		{"monthofyear", "", "", "Returns the month, from 1 to 12.", "12", monthOf},
		{"week_of_year", "weekofyear", "", "Returns the number of the ISO 8601 week, from 1 to 53.", "51", isoWeek},
	} {
		s := Scalar{
			Name: f.name, Family: "datetime", Page: f.page, Doc: f.doc,
			Examples:  []Example{{`print ` + f.name + `(datetime(2015-12-14 18:30))`, f.want}},
			Overloads: []Overload{Of1(f.f)},
		}
		if f.alias != "" {
			s.Aliases = []string{f.alias}
		}
		register(s)
	}
	register(Scalar{
		Name: "dayofweek", Family: "datetime", Page: "day-of-week-function",
		Doc:       "Returns the time since the preceding Sunday, in whole days.",
		Examples:  []Example{{`print dayofweek(datetime(2015-12-14))`, `1.00:00:00`}},
		Overloads: []Overload{Of1(func(t table.Time) table.Duration { return table.Duration((dayOf(t)+1)%7) * table.Day })},
	})
}

// atNow is the query's time plus or minus an argument.
func atNow(params []Param, sign table.Duration) Overload {
	return Overload{Params: params, Result: table.Datetime, Kernel: func(a *Args) vec.Column {
		if len(a.Cols) == 0 {
			return vec.Constant(table.Datetime, int64(a.Env.Now))
		}
		return Try1(func(d table.Duration) (table.Time, bool) { return addTicks(a.Env.Now, int64(sign*d)) }).Kernel(a)
	}}
}

// addTicks is t + n where that is a datetime.
func addTicks(t table.Time, n int64) (table.Time, bool) {
	sum := t + table.Time(n)
	if (sum < t) != (n < 0) { // overflow
		return 0, false
	}
	return sum, sum.Valid()
}

// The parts of a datetime by name. datetime_part() knows more of them.
var (
	addParts  = []string{"year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"}
	readParts = []string{"year", "quarter", "month", "week_of_year", "day", "dayofyear", "hour", "minute", "second", "millisecond", "microsecond", "nanosecond"}
)

// withPart refuses a constant part that there is not, which would only give
// nulls.
func withPart(name string, parts []string, o Overload) func([]Arg) (Overload, error) {
	return func(args []Arg) (Overload, error) {
		if len(args) != len(o.Params) {
			return o, nil // Choose says it better
		}
		if s, ok := args[0].Str(); ok && !isPart(parts, s) {
			return o, &MismatchError{Arg: 0, Msg: fmt.Sprintf("%s() knows no part %q", name, s), Hint: "the parts are " + strings.Join(parts, ", ")}
		}
		return o, nil
	}
}

func isPart(parts []string, s string) bool {
	s = partName(s)
	for _, p := range parts {
		if partName(p) == s {
			return true
		}
	}
	return false
}

// partName brings the spellings of a part together: weekOfYear, week_of_year.
func partName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }

// unitOf returns the length of a part that has one.
func unitOf(part string) (table.Duration, bool) {
	switch strings.ToLower(part) {
	case "week":
		return 7 * table.Day, true
	case "day":
		return table.Day, true
	case "hour":
		return table.Hour, true
	case "minute":
		return table.Minute, true
	case "second":
		return table.Second, true
	case "millisecond":
		return table.Millisecond, true
	case "microsecond":
		return table.Microsecond, true
	}
	return 0, false
}

// monthsIn returns how many months a part is long, where it is.
func monthsIn(part string) (int64, bool) {
	switch strings.ToLower(part) {
	case "year":
		return 12, true
	case "quarter":
		return 3, true
	case "month":
		return 1, true
	}
	return 0, false
}

func addPart(part string, n int64, t table.Time) (table.Time, bool) {
	if m, ok := monthsIn(part); ok {
		if n < -120000 || n > 120000 {
			return 0, false
		}
		return addMonths(t, n*m)
	}
	if strings.EqualFold(part, "nanosecond") {
		return addTicks(t, n/100)
	}
	unit, ok := unitOf(part)
	if !ok || n > math.MaxInt64/int64(unit) || n < math.MinInt64/int64(unit) {
		return 0, false
	}
	return addTicks(t, n*int64(unit))
}

// addMonths keeps the day of the month, or takes the last where there is none
// such.
func addMonths(t table.Time, n int64) (table.Time, bool) {
	y, m, d := civil(dayOf(t))
	months := int64(y)*12 + int64(m) - 1 + n
	y, m = int(floorDiv(months, 12)), int(months-floorDiv(months, 12)*12)+1
	last := int(daysTo(y, m+1) - daysTo(y, m))
	sum := table.Time((daysTo(y, m)+int64(min(d, last))-1)*int64(table.Day) + int64(t)%int64(table.Day))
	return sum, sum.Valid()
}

func diffPart(part string, a, b table.Time) (int64, bool) {
	if m, ok := monthsIn(part); ok {
		return monthIndex(a)/m - monthIndex(b)/m, true
	}
	switch strings.ToLower(part) {
	case "week": // begins on Sunday; day 0 was a Monday
		return (dayOf(a)+1)/7 - (dayOf(b)+1)/7, true
	case "nanosecond":
		d := int64(a - b)
		return d * 100, d <= math.MaxInt64/100 && d >= math.MinInt64/100
	}
	unit, ok := unitOf(part)
	if !ok {
		return 0, false
	}
	return int64(a)/int64(unit) - int64(b)/int64(unit), true
}

func monthIndex(t table.Time) int64 {
	y, m, _ := civil(dayOf(t))
	return int64(y)*12 + int64(m) - 1
}

func partOf(part string, t table.Time) (Int, bool) {
	y, m, d := civil(dayOf(t))
	fraction := int64(t) % int64(table.Second)
	switch partName(part) {
	case "year":
		return Int(y), true
	case "quarter":
		return Int((m + 2) / 3), true
	case "month":
		return Int(m), true
	case "weekofyear":
		return isoWeek(t), true
	case "day":
		return Int(d), true
	case "dayofyear":
		return dayOfYear(t), true
	case "hour":
		return Int(int64(t) / int64(table.Hour) % 24), true
	case "minute":
		return Int(int64(t) / int64(table.Minute) % 60), true
	case "second":
		return Int(int64(t) / int64(table.Second) % 60), true
	case "millisecond":
		return Int(fraction / int64(table.Millisecond)), true
	case "microsecond":
		return Int(fraction / int64(table.Microsecond)), true
	case "nanosecond":
		return Int(fraction * 100), true
	}
	return 0, false
}

func monthOf(t table.Time) Int { _, m, _ := civil(dayOf(t)); return Int(m) }

func dayOfYear(t table.Time) Int {
	y, _, _ := civil(dayOf(t))
	return Int(dayOf(t) - daysTo(y, 1) + 1)
}

// isoWeek is the week that the Thursday of t's week has in its year.
func isoWeek(t table.Time) Int {
	day := dayOf(t)
	thursday := day - day%7 + 3 // day 0 was a Monday
	y, _, _ := civil(thursday)
	return Int((thursday-daysTo(y, 1))/7 + 1)
}

// dayOf is the number of days since 0001-01-01.
func dayOf(t table.Time) int64 { return floorDiv(int64(t), int64(table.Day)) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// daysTo is the number of days from 0001-01-01 to the first of a month. The
// month may be beyond 12, the year outside 1 to 9999.
func daysTo(year, month int) int64 {
	y := int64(year) + floorDiv(int64(month)-1, 12)
	m := int64(month) - 1 - floorDiv(int64(month)-1, 12)*12 // from 0
	// Years from March on, so that the leap day comes last.
	m -= 2
	if m < 0 {
		m += 12
		y--
	}
	return y*365 + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + (m*153+2)/5 - 306
}

// civil is the calendar date of a number of days since 0001-01-01.
// See https://howardhinnant.github.io/date_algorithms.html#civil_from_days
func civil(days int64) (year, month, day int) {
	z := days + 306 // since 0000-03-01
	era := floorDiv(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (doy*5 + 2) / 153
	day = int(doy-(mp*153+2)/5) + 1
	month = int(mp) + 3
	year = int(yoe + era*400)
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}
