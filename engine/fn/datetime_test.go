package fn

import (
	"testing"
	"time"

	"tidemark/engine/vec"
	"tidemark/table"
)

var firstTick, lastTick = table.MinTime, table.MaxTime

func TestDatetimeParts(t *testing.T) {
	dt := tm("2017-10-30 01:02:03.7654321")
	runCases(t, []scalarCase{
		{"now", nil, "2025-06-01T12:34:56.7890123Z", table.Datetime},
		{"now", in(span("-1d")), "2025-05-31T12:34:56.7890123Z", 0},
		{"ago", in(span("1h")), "2025-06-01T11:34:56.7890123Z", 0},
		{"ago", in(span("10000000d")), "null", 0},
		{"ago", in(1), "error: ago() takes a timespan here, not a long", 0},
		{"datetime_part", in("year", dt), "2017", table.Int},
		{"datetime_part", in("quarter", dt), "4", 0},
		{"datepart", in("Month", dt), "10", 0},
		{"datetime_part", in("weekOfYear", dt), "44", 0},
		{"datetime_part", in("week_of_year", dt), "44", 0},
		{"datetime_part", in("day", dt), "30", 0},
		{"datetime_part", in("dayOfYear", dt), "303", 0},
		{"datetime_part", in("hour", dt), "1", 0},
		{"datetime_part", in("minute", dt), "2", 0},
		{"datetime_part", in("second", dt), "3", 0},
		{"datetime_part", in("millisecond", dt), "765", 0},
		{"datetime_part", in("microsecond", dt), "765432", 0},
		{"datetime_part", in("nanosecond", dt), "765432100", 0},
		{"datetime_part", in("eon", dt), `error: datetime_part() knows no part "eon"`, 0},
		{"dayofweek", in(tm("1947-11-30 10:00:05")), "00:00:00", table.Timespan},
		{"dayofweek", in(tm("1970-05-11")), "1.00:00:00", 0},
		{"dayofweek", in(firstTick), "1.00:00:00", 0},
		{"dayofmonth", in(tm("2015-12-14")), "14", table.Int},
		{"dayofyear", in(tm("2016-12-31")), "366", 0},
		{"hourofday", in(tm("2015-12-14 18:54:00")), "18", 0},
		{"getyear", in(lastTick), "9999", 0},
		{"getmonth", in(tm("2015-10-12")), "10", 0},
		{"monthofyear", in(null(table.Datetime)), "null", 0},
		{"week_of_year", in(tm("2020-12-31")), "53", 0},
		{"week_of_year", in(tm("2000-01-01")), "52", 0},
		{"weekofyear", in(tm("1970-01-01")), "1", 0},
		{"week_of_year", in(firstTick), "1", 0},
	})
}

func TestDatetimeArithmetic(t *testing.T) {
	jan := tm("2017-01-01")
	diff := func(part, a, b, want string) scalarCase {
		return scalarCase{"datetime_diff", in(part, tm(a), tm(b)), want, table.Long}
	}
	runCases(t, []scalarCase{
		{"datetime_add", in("year", 1, jan), "2018-01-01T00:00:00.0000000Z", 0},
		{"datetime_add", in("quarter", 12, jan), "2020-01-01T00:00:00.0000000Z", 0},
		{"datetime_add", in("month", -15, jan), "2015-10-01T00:00:00.0000000Z", 0},
		{"datetime_add", in("week", 100, jan), "2018-12-02T00:00:00.0000000Z", 0},
		{"datetime_add", in("Hour", 1, jan), "2017-01-01T01:00:00.0000000Z", 0},
		{"datetime_add", in("nanosecond", 250, jan), "2017-01-01T00:00:00.0000002Z", 0},
		{"datetime_add", in("month", 1, tm("2016-01-31 10:00")), "2016-02-29T10:00:00.0000000Z", 0},
		{"datetime_add", in("year", -1, tm("2016-02-29")), "2015-02-28T00:00:00.0000000Z", 0},
		{"datetime_add", in("year", 1, lastTick), "null", 0},
		{"datetime_add", in("month", -1, firstTick), "null", 0},
		{"datetime_add", in("day", 1<<60, jan), "null", 0},
		{"datetime_add", in("year", 1<<60, jan), "null", 0},
		{"datetime_add", in("fortnight", 1, jan), `error: datetime_add() knows no part "fortnight"`, 0},
		diff("year", "2017-01-01", "2000-12-31", "17"),
		diff("quarter", "2017-07-01", "2017-03-30", "2"),
		diff("month", "2017-01-01", "2015-12-30", "13"),
		diff("week", "2017-10-29 00:00", "2017-09-30 23:59", "5"),
		diff("day", "2017-10-29 00:00", "2017-09-30 23:59", "29"),
		diff("hour", "2017-10-31 01:00", "2017-10-30 23:59", "2"),
		diff("minute", "2017-10-30 23:05:01", "2017-10-30 23:00:59", "5"),
		diff("second", "2017-10-30 23:00:10.100", "2017-10-30 23:00:00.900", "10"),
		diff("millisecond", "2017-10-30 23:00:00.200100", "2017-10-30 23:00:00.100900", "100"),
		diff("microsecond", "2017-10-30 23:00:00.1009001", "2017-10-30 23:00:00.1008009", "100"),
		diff("nanosecond", "2017-10-30 23:00:00", "2017-10-30 23:00:00.0000007", "-700"),
		diff("nanosecond", "9999-12-30", "0001-01-01", "null"),
		diff("day", "2020-01-01", "2020-01-02", "-1"),
		{"startofday", in(tm("2017-01-01 10:10:17"), -1), "2016-12-31T00:00:00.0000000Z", 0},
		{"startofday", in(firstTick, -1), "null", 0},
		{"startofday", in(jan, 1<<62), "null", 0},
		{"startofweek", in(tm("2017-01-07 10:10:17")), "2017-01-01T00:00:00.0000000Z", 0},
		{"startofweek", in(tm("2017-01-01 10:10:17"), 1), "2017-01-08T00:00:00.0000000Z", 0},
		{"startofweek", in(firstTick), "null", 0}, // in the year 0
		{"startofmonth", in(tm("2017-01-15"), -13), "2015-12-01T00:00:00.0000000Z", 0},
		{"startofyear", in(tm("2017-06-15"), 1), "2018-01-01T00:00:00.0000000Z", 0},
		{"endofday", in(lastTick), "9999-12-31T23:59:59.9999999Z", 0},
		{"endofweek", in(tm("2017-01-01 10:10:17"), -1), "2016-12-31T23:59:59.9999999Z", 0},
		{"endofmonth", in(tm("2017-01-01 10:10:17"), 1), "2017-02-28T23:59:59.9999999Z", 0},
		{"endofyear", in(lastTick), "9999-12-31T23:59:59.9999999Z", 0},
		{"endofyear", in(lastTick, 1), "null", 0},
		{"unixtime_seconds_todatetime", in(1546300800), "2019-01-01T00:00:00.0000000Z", 0},
		{"unixtime_seconds_todatetime", in(-1.5), "1969-12-31T23:59:58.5000000Z", 0},
		{"unixtime_milliseconds_todatetime", in(1546300800123), "2019-01-01T00:00:00.1230000Z", 0},
		{"unixtime_nanoseconds_todatetime", in(-1), "1969-12-31T23:59:59.9999999Z", 0},
		{"unixtime_seconds_todatetime", in(1 << 60), "null", 0},
	})
}

func TestDatetimeText(t *testing.T) {
	dt := tm("2017-01-29 09:00:05.1230000")
	runCases(t, []scalarCase{
		{"format_datetime", in(dt, "yy-MM-dd [HH:mm:ss]"), "17-01-29 [09:00:05]", table.String},
		{"format_datetime", in(dt, "yyyy-M-dd [H:mm:ss]"), "2017-1-29 [9:00:05]", 0},
		{"format_datetime", in(tm("2017-01-29 00:00:05"), "hh:mm:ss tt"), "12:00:05 AM", 0},
		{"format_datetime", in(tm("2017-01-29 12:00:05"), "h:mm tt"), "12:00 PM", 0},
		{"format_datetime", in(dt, "fff ffffff FFFFFF"), "123 123000 123", 0},
		{"format_datetime", in(dt, "ddd dddd MMM MMMM"), "Sun Sunday Jan January", 0},
		{"format_datetime", in(dt, "yyyy-MM-ddTHH:mm:ssZ"), "2017-01-29T09:00:05Z", 0},
		{"format_datetime", in(firstTick, "y-M-d"), "1-1-1", 0},
		{"format_datetime", in(null(table.Datetime), "y"), "", 0},
		{"format_timespan", in(span("29.09:00:05.12345"), "dd.hh:mm:ss [FF]"), "29.09:00:05 [12]", 0},
		{"format_timespan", in(span("2.09:00:05"), "ddd.h:mm:ss [fffffff]"), "002.9:00:05 [0000000]", 0},
		{"format_timespan", in(span("-1h"), "hh:mm"), "-01:00", 0},
		{"make_datetime", in(2017, 10, 1), "2017-10-01T00:00:00.0000000Z", table.Datetime},
		{"make_datetime", in(2017, 10, 1, 12, 10), "2017-10-01T12:10:00.0000000Z", 0},
		{"make_datetime", in(2017, 10, 1, 12, 11, 0.1234567), "2017-10-01T12:11:00.1234567Z", 0},
		{"make_datetime", in(2017, 2, 29), "null", 0},
		{"make_datetime", in(2017, 1, 1, 24, 0), "null", 0},
		{"make_datetime", in(10000, 1, 1), "null", 0},
		{"make_datetime", in(null(table.Long), 1, 1), "null", 0},
		{"make_datetime", in("2020-01-02"), "2020-01-02T00:00:00.0000000Z", 0},
		{"make_timespan", in(1, 12), "01:12:00", table.Timespan},
		{"make_timespan", in(1, 12, 55), "01:12:55", 0},
		{"make_timespan", in(1, 12, 30, 55.123), "1.12:30:55.1230000", 0},
		{"make_timespan", in(24, 0), "null", 0},
		{"make_timespan", in(1, 12, 60), "null", 0},
	})
}

func TestZones(t *testing.T) {
	const brussels = "Europe/Brussels"
	runCases(t, []scalarCase{
		{"datetime_local_to_utc", in(tm("2020-02-02 20:02:20"), "US/Pacific"), "2020-02-03T04:02:20.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2020-02-02 20:02:20"), "Pacific Standard Time"), "2020-02-03T04:02:20.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2022-03-27 01:00"), brussels), "2022-03-27T00:00:00.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2022-03-27 02:00"), brussels), "2022-03-27T00:00:00.0000000Z", 0}, // does not exist
		{"datetime_local_to_utc", in(tm("2022-03-27 03:00"), brussels), "2022-03-27T01:00:00.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2022-10-30 01:30"), brussels), "2022-10-29T23:30:00.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2022-10-30 02:30"), brussels), "2022-10-30T01:30:00.0000000Z", 0}, // comes twice
		{"datetime_local_to_utc", in(tm("2022-10-30 03:00"), brussels), "2022-10-30T02:00:00.0000000Z", 0},
		{"datetime_local_to_utc", in(tm("2022-04-03 02:30"), "Australia/Sydney"), "2022-04-02T16:30:00.0000000Z", 0},
		{"datetime_utc_to_local", in(tm("2022-03-27 00:59:59"), brussels), "2022-03-27T01:59:59.0000000Z", 0},
		{"datetime_utc_to_local", in(tm("2022-03-27 01:00"), brussels), "2022-03-27T03:00:00.0000000Z", 0},
		{"datetime_utc_to_local", in(tm("2022-06-01"), "asia/kolkata"), "2022-06-01T05:30:00.0000000Z", 0},
		{"datetime_utc_to_local", in(tm("2022-06-01"), "UTC"), "2022-06-01T00:00:00.0000000Z", 0},
		{"datetime_utc_to_local", in(tm("2022-06-01"), "Mars/Olympus"), "null", 0},
		{"datetime_utc_to_local", in(tm("2022-06-01"), "../etc/passwd"), "null", 0},
		{"datetime_utc_to_local", in(tm("2022-06-01"), ""), "null", 0},
		{"datetime_utc_to_local", in(lastTick, "Asia/Tokyo"), "null", 0},
		{"datetime_local_to_utc", in(firstTick, "Asia/Tokyo"), "null", 0},
	})
	for name, target := range windowsZones {
		if _, err := time.LoadLocation(target); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCivil compares the calendar with Go's over every day there is.
func TestCivil(t *testing.T) {
	g := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := int64(0); day <= dayOf(lastTick); day++ {
		y, m, d := civil(day)
		gy, gm, gd := g.Date()
		if y != gy || m != int(gm) || d != gd {
			t.Fatalf("day %d is %d-%d-%d, want %d-%d-%d", day, y, m, d, gy, gm, gd)
		}
		if d == 1 && daysTo(y, m) != day {
			t.Fatalf("daysTo(%d, %d) = %d, want %d", y, m, daysTo(y, m), day)
		}
		if _, week := g.ISOWeek(); day%97 == 0 && int(isoWeek(table.Time(day)*table.Time(table.Day))) != week {
			t.Fatalf("week of %s", g)
		}
		g = g.AddDate(0, 0, 1)
	}
}

func BenchmarkStartOfDay(b *testing.B) {
	benchKernel(b, "startofday", []vec.Column{times(4096, 7*table.Minute)}, []table.Type{table.Datetime}, 4096)
}

func BenchmarkStartOfMonth(b *testing.B) {
	benchKernel(b, "startofmonth", []vec.Column{times(4096, 7*table.Minute)}, []table.Type{table.Datetime}, 4096)
}
