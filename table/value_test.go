package table

import (
	"math"
	"strconv"
	"testing"
)

func TestFormatReal(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{1, "1"}, {1.5, "1.5"}, {-0.25, "-0.25"}, {0, "0"}, {1e14, "100000000000000"}, {1e15, "1E+15"}, {1e16, "1E+16"}, {123456789012345680, "1.2345678901234568E+17"},
		{0.0001, "0.0001"}, {0.00001, "1E-05"}, {0.000025, "2.5E-05"}, {1e-7, "1E-07"}, {1e100, "1E+100"}, {0.30000000000000004, "0.30000000000000004"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"},
	} {
		if got := FormatReal(c.v); got != c.want {
			t.Errorf("%g: %s, want %s", c.v, got, c.want)
		}
	}
}

func TestParseReal(t *testing.T) {
	for text, want := range map[string]float64{"1": 1, " 1.5 ": 1.5, "-1e3": -1000, ".5": 0.5, "inf": math.Inf(1), "-Infinity": math.Inf(-1)} {
		if got, ok := ParseReal(text); !ok || got != want {
			t.Errorf("%q: %g %v, want %g", text, got, ok, want)
		}
	}
	if v, ok := ParseReal("NaN"); !ok || !math.IsNaN(v) {
		t.Error("NaN:", v, ok)
	}
	for _, text := range []string{"", "x", "1_000", "0x1p4", "1,5", "1e999"} {
		if got, ok := ParseReal(text); ok {
			t.Errorf("%q: taken as %g", text, got)
		}
	}
}

func TestParseLong(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, " -7 ": -7, "0x10": 16, "-0X10": -16, "0xffffffffffffffff": -1, "9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64,
		"1.9": 1, "-1.9": -1, "1e3": 1000, "+5": 5} {
		if got, ok := ParseLong(text); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "0x", "0xg", "9223372036854775808", "1e30", "NaN", "inf", "1_0", "0x11111111111111111"} {
		if got, ok := ParseLong(text); ok {
			t.Errorf("%q: taken as %d", text, got)
		}
	}
}

func TestParseBool(t *testing.T) {
	for text, want := range map[string]bool{"true": true, "FALSE": false, " True ": true, "1": true, "0": false, "-3": true} {
		if got, ok := ParseBool(text); !ok || got != want {
			t.Errorf("%q: %v %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "yes", "t", "1.0"} {
		if _, ok := ParseBool(text); ok {
			t.Errorf("%q is taken", text)
		}
	}
}

func TestParseGuid(t *testing.T) {
	const want = "e9eb4a3e-0000-4000-8000-5ba97e785acb"
	for _, text := range []string{want, "{E9EB4A3E-0000-4000-8000-5BA97E785ACB}", "(e9eb4a3e-0000-4000-8000-5ba97e785acb)", "e9eb4a3e000040008000" + "5ba97e785acb", " " + want + " "} {
		if got, ok := ParseGuid(text); !ok || got != want {
			t.Errorf("%q: %q %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "x", want[1:], "{" + want, "e9eb4a3e-0000-4000-8000_5ba97e785acb", "g9eb4a3e-0000-4000-8000-5ba97e785acb", "e9eb4a3e-0000-4000-80005-ba97e785acb"} {
		if got, ok := ParseGuid(text); ok {
			t.Errorf("%q: taken as %s", text, got)
		}
	}
}

func TestBuiltin(t *testing.T) {
	for name, visible := range map[string]int{ConfigurationChange: 57, ConfigurationData: 40, Heartbeat: 31} {
		s, ok := Builtin(name)
		if !ok || len(s.Visible()) != visible {
			t.Errorf("%s: %v, %d visible columns, want %d", name, ok, len(s.Visible()), visible)
		}
		for _, c := range s.Columns() {
			if c.Doc == "" {
				t.Errorf("%s.%s has no doc", name, c.Name)
			}
		}
		for column := range vocabularies[name] {
			if s.Index(column) < 0 {
				t.Errorf("%s has a vocabulary for %s, but no such column", name, column)
			}
		}
	}
	if s, _ := Builtin(ConfigurationChange); s.Column(0).Name != "Computer" || s.Column(56).Name != "_IsBillable" {
		t.Error("the columns of ConfigurationChange are out of order")
	}
	if len(Vocabulary(ConfigurationChange, "ChangeCategory")) != 3 || Vocabulary(ConfigurationChange, "Computer") != nil {
		t.Error("Vocabulary")
	}
}

// TestWholeReals: reals without a fraction are written as any other way would.
func TestWholeReals(t *testing.T) {
	for _, f := range []float64{0, math.Copysign(0, -1), 1, -1, 10, 123456789, 1e14, 999999999999999, -999999999999999, 99999999999999.5, 1e15, 1e-4, 0.5} {
		want := strconv.FormatFloat(f, 'f', -1, 64)
		if math.Abs(f) >= 1e15 {
			want = strconv.FormatFloat(f, 'E', -1, 64)
		}
		if got := FormatReal(f); got != want {
			t.Errorf("%v is %s, want %s", f, got, want)
		}
	}
}
