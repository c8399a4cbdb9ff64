package rule

import (
	"encoding/json"
	"testing"
	"time"
)

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestParseDuration(t *testing.T) {
	const d = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"5m": 5 * time.Minute, "14d": 14 * d, "1h": time.Hour, "30s": 30 * time.Second, "2w": 14 * d, "1h30m": 90 * time.Minute, "5min": 5 * time.Minute,
		"0": 0, "0m": 0, "0s": 0, " 5m ": 5 * time.Minute, "1D": d,
		"PT5M": 5 * time.Minute, "PT1H": time.Hour, "P1D": d, "P1DT2H3M4S": d + 2*time.Hour + 3*time.Minute + 4*time.Second, "P2W": 14 * d, "pt5m": 5 * time.Minute,
		"PT0S": 0, "PT90M": 90 * time.Minute,
		"00:05:00": 5 * time.Minute, "0:05:00": 5 * time.Minute, "1.02:00:00": 26 * time.Hour, "1:02:00:00": 26 * time.Hour, "00:05:00.0000000": 5 * time.Minute,
		"1 day, 0:00:00": d, "2 days, 1:00:00": 2*d + time.Hour,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", " ", "5", "-5m", "m", "P", "PT", "P1Y", "P1M", "P1Y2M3D", "PT5", "5M5", "1.5h", "00:05", "1:2", "5 m", "forever", "00:5:00",
		"99999999999999999999d", "999999999d", "PT1H1D", "5m1h", "PT-5M", "0x5m", "٥m"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q gives %s", text, got)
		}
	}
}

// TestFormatDuration writes spans and reads them again.
func TestFormatDuration(t *testing.T) {
	for d, want := range map[time.Duration][2]string{
		0: {"0m", "PT0S"}, 5 * time.Minute: {"5m", "PT5M"}, time.Hour: {"1h", "PT1H"}, 14 * day: {"14d", "P14D"}, 90 * time.Minute: {"90m", "PT1H30M"},
		26 * time.Hour: {"26h", "P1DT2H"}, time.Second: {"1s", "PT1S"}, day + time.Second: {"86401s", "P1DT1S"},
	} {
		if got := [2]string{FormatDuration(d), FormatISO(d)}; got != want {
			t.Errorf("%s: %v, want %v", d, got, want)
		}
		for _, text := range want {
			if again, err := ParseDuration(text); err != nil || again != d {
				t.Errorf("%s is read as %s, %v", text, again, err)
			}
		}
	}
}

func FuzzDuration(f *testing.F) {
	for _, s := range []string{"5m", "PT5M", "1.02:00:00", "1 day, 0:00:00", "P1DT2H", "9999999d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if d < 0 {
			t.Fatalf("%q gives %s", s, d)
		}
		for _, text := range []string{FormatDuration(d), FormatISO(d)} {
			if again, err := ParseDuration(text); err != nil || again != d {
				t.Errorf("%q is %s, written %s, read %s %v", s, d, text, again, err)
			}
		}
	})
}
