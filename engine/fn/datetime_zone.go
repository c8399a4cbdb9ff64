package fn

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that zones are there on machines without them

	"tidemark/internal/dyn"
	"tidemark/table"
)

func init() {
	register(Scalar{
		Name: "datetime_utc_to_local", Family: "datetime",
		Doc:       "Converts UTC to the time of a zone, given by its name in the tz database or on Windows.",
		Examples:  []Example{{`print datetime_utc_to_local(datetime(2020-02-02 20:02:20), "US/Pacific")`, `2020-02-02T12:02:20.0000000Z`}},
		Overloads: []Overload{Try2(utcToLocal)},
	})
	register(Scalar{
		Name: "datetime_local_to_utc", Family: "datetime",
		Doc:       "Converts the time of a zone, given by its name in the tz database or on Windows, to UTC.",
		Examples:  []Example{{`print datetime_local_to_utc(datetime(2020-02-02 20:02:20), "US/Pacific")`, `2020-02-03T04:02:20.0000000Z`}},
		Overloads: []Overload{Try2(localToUTC)},
	})
	register(Scalar{
		Name: "datetime_list_timezones", Family: "datetime", Page: "datetime-list-timezones",
		Doc:       "Lists the names of the time zones.",
		Examples:  []Example{{`print array_length(datetime_list_timezones()) > 500`, `true`}},
		Overloads: []Overload{constantDyn(zoneList)},
	})
}

//go:embed datetime_zones.txt
var zoneNames string

var zoneList = sync.OnceValue(func() Dyn {
	b := []byte{'['}
	for name := range strings.FieldsSeq(zoneNames) {
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = dyn.AppendString(b, name)
	}
	return Dyn(append(b, ']'))
})

// zones keeps the locations that have been asked for: a *time.Location by
// name, nil where there is none.
var zones sync.Map

func zone(name string) (*time.Location, bool) {
	if z, ok := zones.Load(name); ok {
		loc := z.(*time.Location)
		return loc, loc != nil
	}
	key := strings.TrimSpace(name)
	if w, ok := windowsZones[key]; ok {
		key = w
	}
	loc, err := time.LoadLocation(key)
	if err != nil || key == "" || key == "Local" {
		for known := range strings.FieldsSeq(zoneNames) {
			if strings.EqualFold(known, key) {
				loc, err = time.LoadLocation(known)
				break
			}
		}
	}
	if err != nil || key == "" || key == "Local" {
		return nil, false // not kept: names come from data, and could be many
	}
	zones.Store(name, loc)
	return loc, true
}

// offset is the zone's distance from UTC at a time of UTC.
func offset(t table.Time, loc *time.Location) table.Time {
	_, seconds := t.Go().In(loc).Zone()
	return table.Time(seconds) * table.Time(table.Second)
}

func utcToLocal(t table.Time, name string) (table.Time, bool) {
	loc, ok := zone(name)
	if !ok {
		return 0, false
	}
	local := t + offset(t, loc)
	return local, local.Valid()
}

// localToUTC takes the standard time of an hour that comes twice, and the
// summer time of one that does not exist, as Kusto's documentation shows.
func localToUTC(t table.Time, name string) (table.Time, bool) {
	loc, ok := zone(name)
	if !ok {
		return 0, false
	}
	day := table.Time(table.Day)
	before, after := offset(t-day, loc), offset(t+day, loc)
	utc := t - min(before, after)
	if before != after {
		// Near a change: standard time, unless the clock then shows another.
		if o := offset(utc, loc); o != min(before, after) {
			utc = t - max(before, after)
		}
	}
	return utc, utc.Valid()
}
