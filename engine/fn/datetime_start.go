package fn

import (
	"math"

	"tidemark/table"
)

// starts are the four periods that startof…() and endof…() know. The function
// returns the ticks at which the period around t begins, moved by n periods;
// they may lie outside the range of a datetime.
var starts = []struct {
	name, start, end string // the last two for the example
	naming           Naming
	most             int64 // more of them than the range of a datetime holds, few enough to calculate with
	at               func(t table.Time, n int64) int64
}{
	{"day", "2017-01-01T00:00:00.0000000Z", "2017-01-01T23:59:59.9999999Z", ByFirst, 4_000_000, func(t table.Time, n int64) int64 {
		return (dayOf(t) + n) * int64(table.Day)
	}},
	{"week", "2017-01-01T00:00:00.0000000Z", "2017-01-07T23:59:59.9999999Z", ByPosition, 600_000, func(t table.Time, n int64) int64 {
		day := dayOf(t)
		return (day - (day+1)%7 + n*7) * int64(table.Day) // back to Sunday; day 0 was a Monday
	}},
	{"month", "2017-01-01T00:00:00.0000000Z", "2017-01-31T23:59:59.9999999Z", ByPosition, 130_000, func(t table.Time, n int64) int64 {
		y, m, _ := civil(dayOf(t))
		return daysTo(y, m+int(n)) * int64(table.Day)
	}},
	{"year", "2017-01-01T00:00:00.0000000Z", "2017-12-31T23:59:59.9999999Z", ByPosition, 11_000, func(t table.Time, n int64) int64 {
		y, _, _ := civil(dayOf(t))
		return daysTo(y+int(n), 1) * int64(table.Day)
	}},
}

func init() {
	for _, p := range starts {
		startOf := func(t table.Time, n int64) (table.Time, bool) {
			if n > p.most || n < -p.most {
				return 0, false
			}
			s := table.Time(p.at(t, n))
			return s, s.Valid()
		}
		endOf := func(t table.Time, n int64) (table.Time, bool) {
			if n > p.most || n < -p.most {
				return 0, false
			}
			e := table.Time(p.at(t, n+1) - 1)
			return e, e.Valid()
		}
		register(Scalar{
			Name: "startof" + p.name, Family: "datetime", Naming: p.naming,
			Doc:       "Returns the start of the " + p.name + " that a datetime lies in, or of one so many " + p.name + "s later.",
			Examples:  []Example{{`print startof` + p.name + `(datetime(2017-01-01 10:10:17))`, p.start}},
			Overloads: periodOverloads(startOf),
		})
		register(Scalar{
			Name: "endof" + p.name, Family: "datetime",
			Doc:       "Returns the last tick of the " + p.name + " that a datetime lies in, or of one so many " + p.name + "s later.",
			Examples:  []Example{{`print endof` + p.name + `(datetime(2017-01-01 10:10:17))`, p.end}},
			Overloads: periodOverloads(endOf),
		})
	}
	for _, u := range []struct {
		name  string
		value string
		unit  float64 // ticks
	}{
		{"seconds", "1546300800", 1e7}, {"milliseconds", "1546300800000", 1e4},
		{"microseconds", "1546300800000000", 10}, {"nanoseconds", "1546300800000000000", 0.01},
	} {
		register(Scalar{
			Name: "unixtime_" + u.name + "_todatetime", Family: "datetime",
			Doc:       "Makes a datetime of the number of " + u.name + " since 1970.",
			Examples:  []Example{{`print unixtime_` + u.name + `_todatetime(` + u.value + `)`, `2019-01-01T00:00:00.0000000Z`}},
			Overloads: []Overload{Try1(sinceEpoch(u.unit)), Try1(sinceEpochReal(u.unit))},
		})
	}
}

func periodOverloads(f func(table.Time, int64) (table.Time, bool)) []Overload {
	return []Overload{Try1(func(t table.Time) (table.Time, bool) { return f(t, 0) }), Try2(f)}
}

var epoch = table.FromUnix(0, 0)

func sinceEpoch(unit float64) func(int64) (table.Time, bool) {
	return func(v int64) (table.Time, bool) {
		if unit < 1 {
			return addTicks(epoch, floorDiv(v, int64(1/unit)))
		}
		if v > math.MaxInt64/int64(unit) || v < math.MinInt64/int64(unit) {
			return 0, false
		}
		return addTicks(epoch, v*int64(unit))
	}
}

func sinceEpochReal(unit float64) func(float64) (table.Time, bool) {
	return func(v float64) (table.Time, bool) {
		ticks := math.Round(v * unit)
		if !(math.Abs(ticks) < 1<<62) {
			return 0, false
		}
		return addTicks(epoch, int64(ticks))
	}
}
