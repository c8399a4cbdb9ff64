package table

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2026-03-11T07:00:12.5433012Z", "2026-03-11T07:00:12.5433012Z"},
		{"2026-03-11T07:00:12.54330129Z", "2026-03-11T07:00:12.5433012Z"},
		{" 2026-03-11 07:00:12 ", "2026-03-11T07:00:12.0000000Z"},
		{"2026-03-11T07:00:12,5Z", "2026-03-11T07:00:12.5000000Z"},
		{"2026-03-11T07:00Z", "2026-03-11T07:00:00.0000000Z"},
		{"2026-03-11t07:00:00z", "2026-03-11T07:00:00.0000000Z"},
		{"2026-03-11", "2026-03-11T00:00:00.0000000Z"},
		{"2026-03", "2026-03-01T00:00:00.0000000Z"},
		{"2026", "2026-01-01T00:00:00.0000000Z"},
		{"20260311", "2026-03-11T00:00:00.0000000Z"},
		{"2018-07-11T17:43:52.914+0200", "2018-07-11T15:43:52.9140000Z"},
		{"2018-07-11T17:43:52-08:30", "2018-07-12T02:13:52.0000000Z"},
		{"2026-11-22 07:15:19 +0000", "2026-11-22T07:15:19.0000000Z"},
		{"2026-03-11T24:00:00Z", "2026-03-12T00:00:00.0000000Z"},
		{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.0000000Z"},
		{"2024-02-29", "2024-02-29T00:00:00.0000000Z"},
		{"0001-01-01T00:00:00Z", "0001-01-01T00:00:00.0000000Z"},
		{"9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z"},
		{"3/11/2026, 7:00:12.543 AM", "2026-03-11T07:00:12.5430000Z"},
		{"3/11/2026, 7:00:12.543\u202fPM", "2026-03-11T19:00:12.5430000Z"},
		{"12/1/2026 12:00:00 AM", "2026-12-01T00:00:00.0000000Z"},
		{"2/25/2025 9:19 PM", "2025-02-25T21:19:00.0000000Z"},
		{"2020/10/16 0:00:01.403", "2020-10-16T00:00:01.4030000Z"},
		{"Sat, 8 Nov 2014 15:05:02 GMT", "2014-11-08T15:05:02.0000000Z"},
		{"Sat, 8 Nov 14 15:05:02 EST", "2014-11-08T20:05:02.0000000Z"},
		{"Saturday, 08-Nov-14 15:05 PDT", "2014-11-08T22:05:00.0000000Z"},
		{"8 Nov 2014 15:05:02", "2014-11-08T15:05:02.0000000Z"},
		{"Sun Nov 22 07:32:49 2026", "2026-11-22T07:32:49.0000000Z"},
		{"22 Nov 2026 07:32:49 +0130", "2026-11-22T06:02:49.0000000Z"},
		{"January 2, 2026", "2026-01-02T00:00:00.0000000Z"},
	} {
		got, ok := ParseTime(c.text)
		if !ok || got.String() != c.want {
			t.Errorf("%q: %s %v, want %s", c.text, got, ok, c.want)
		}
	}
}

func TestParseTimeRefuses(t *testing.T) {
	for _, text := range []string{"", " ", "yesterday", "2026-13-01", "2026-02-29", "2026-00-10", "2026-03-11T25:00:00Z", "2026-03-11T24:00:01Z",
		"2026-03-11T07:60:00Z", "2026-03-11T07:00:00.Z", "2026-03-11T07:00:00X", "2026-03-11T07:00:00+15:00", "0000-01-01", "0001-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-01:00", "12345", "1741676412", "8 Nov 2014 15:05:02 XYZ", "Sat, 8 Nov 14 15:05:02 CEST", "2026-03-11T07"} {
		if got, ok := ParseTime(text); ok {
			t.Errorf("%q: taken as %s", text, got)
		}
	}
}

func TestTimeConversions(t *testing.T) {
	for _, g := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999900, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999999900, time.UTC), time.Date(2026, 3, 11, 7, 0, 12, 543301200, time.UTC),
	} {
		if back := FromGo(g).Go(); !back.Equal(g) {
			t.Errorf("%v became %v", g, back)
		}
	}
	if FromGo(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC)) != MinTime || FromGo(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) != MaxTime {
		t.Error("what is out of range does not become its end")
	}
	if m := FromUnix(-1, 9999999).UnixMicro(); m != -1 {
		t.Error("UnixMicro:", m)
	}
	if _, ok := MakeTime(2026, 2, 29, 0, 0, 0); ok {
		t.Error("MakeTime took 29 February 2026")
	}
	if v, ok := MakeTime(2024, 2, 29, 23, 59, 12345); !ok || v.String() != "2024-02-29T23:59:00.0012345Z" {
		t.Error("MakeTime:", v, ok)
	}
}

func TestParseDuration(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"01:02:03", "01:02:03"}, {"1.02:03:04.5", "1.02:03:04.5000000"}, {"-1.00:00:00", "-1.00:00:00"}, {"1:2", "01:02:00"}, {"3:01:02:03", "3.01:02:03"},
		{"1.5h", "01:30:00"}, {"2d", "2.00:00:00"}, {"7", "7.00:00:00"}, {"0.5", "12:00:00"}, {"10 min", "00:10:00"}, {"1tick", "00:00:00.0000001"},
		{"250nano", "00:00:00.0000002"}, {"3microseconds", "00:00:00.0000030"}, {"+5s", "00:00:05"},
		{"10675199.02:48:05.4775807", "10675199.02:48:05.4775807"}, {"-10675199.02:48:05.4775808", "-10675199.02:48:05.4775808"},
	} {
		got, ok := ParseDuration(c.text)
		if !ok || got.String() != c.want {
			t.Errorf("%q: %s %v, want %s", c.text, got, ok, c.want)
		}
	}
	for _, text := range []string{"", "-", "--1h", "h", "1.5.2h", "1:60", "24:00:00", "1:2:3:4:5", "10675199.02:48:05.4775808", "10675199.23:00:00", "99999999d", "1 parsec", "01:02:03x"} {
		if got, ok := ParseDuration(text); ok {
			t.Errorf("%q: taken as %s", text, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-03-11T07:00:12.5433012Z", "3/11/2026, 7:00:12.543 AM", "Sat, 8 Nov 14 15:05:02 GMT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := ParseTime(s)
		if !ok {
			return
		}
		if !v.Valid() {
			t.Fatalf("%q gives %d, which is out of range", s, v)
		}
		if again, ok := ParseTime(v.String()); !ok || again != v {
			t.Fatalf("%q gives %s, which reads back as %s", s, v, again)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"1.02:03:04.5", "1.5h", "-10675199.02:48:05.4775808", "7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := ParseDuration(s)
		if !ok {
			return
		}
		if again, ok := ParseDuration(v.String()); !ok || again != v {
			t.Fatalf("%q gives %s, which reads back as %s", s, v, again)
		}
	})
}
