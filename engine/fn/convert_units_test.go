package fn

import (
	"math"
	"testing"
)

func TestConvertUnits(t *testing.T) {
	near := func(name string, v float64, from, to string, want float64) {
		t.Helper()
		got, _ := apply(t, name, v, from, to)
		f, _ := number(got)
		if math.Abs(f-want) > 1e-9*math.Max(1, math.Abs(want)) {
			t.Errorf("%s(%v, %s, %s) = %s, want %v", name, v, from, to, got, want)
		}
	}
	near("convert_angle", 180, "Degree", "Radian", math.Pi)
	near("convert_energy", 1, "KilowattHour", "Megajoule", 3.6)
	near("convert_energy", 1, "TerawattDay", "GigawattHour", 24000)
	near("convert_force", 1.2, "Newton", "Decanewton", 0.12)
	near("convert_length", 1, "Mile", "Foot", 5280)
	near("convert_mass", 1, "Stone", "Pound", 14)
	near("convert_speed", 36, "KilometerPerHour", "MeterPerSecond", 10)
	near("convert_volume", 1.2, "CubicMeter", "AcreFoot", 0.0009728568)
	near("convert_temperature", 212, "DegreeFahrenheit", "DegreeCelsius", 100)
	near("convert_temperature", 0, "DegreeCelsius", "DegreeDelisle", 150)
	near("convert_temperature", 100, "DegreeCelsius", "DegreeRoemer", 60)
	near("convert_temperature", 100, "DegreeCelsius", "DegreeReaumur", 80)
	near("convert_temperature", 33, "DegreeNewton", "DegreeCelsius", 100)
	runCases(t, []scalarCase{{"convert_length", in(1.0, "Meter", "Mie"), "null", 0}})
}
