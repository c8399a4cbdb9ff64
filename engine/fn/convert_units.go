package fn

import (
	"math"
	"strings"
)

func init() {
	for _, q := range []struct {
		name, from, to, want string
		units                map[string]float64
	}{
		{"angle", "Degree", "Arcminute", "72", angles},
		{"energy", "Joule", "BritishThermalUnit", "0.00113738", energies},
		{"force", "Newton", "Decanewton", "0.12", forces},
		{"length", "Meter", "Foot", "3.93700787", lengths},
		{"mass", "Kilogram", "Pound", "2.64554715", masses},
		{"speed", "MeterPerSecond", "CentimeterPerMinute", "7200", speeds},
		{"volume", "CubicMeter", "AcreFoot", "0.00097286", volumes},
	} {
		register(Scalar{
			Name: "convert_" + q.name, Family: "units",
			Doc:       "Converts a value from one unit of " + q.name + " to another, each given by its name.",
			Examples:  []Example{{"print round(convert_" + q.name + `(1.2, "` + q.from + `", "` + q.to + `"), 8)`, q.want}},
			Overloads: []Overload{Try3(convertBy(q.units))},
		})
	}
	register(Scalar{
		Name: "convert_temperature", Family: "units",
		Doc:       "Converts a temperature from one scale to another, each given by its name.",
		Examples:  []Example{{`print round(convert_temperature(1.2, "Kelvin", "DegreeCelsius"), 8)`, `-271.95`}},
		Overloads: []Overload{Try3(convertTemperature)},
	})
}

// convertBy converts by the units' sizes. Names are taken as they are.
func convertBy(units map[string]float64) func(v float64, from, to string) (float64, bool) {
	return func(v float64, from, to string) (float64, bool) {
		f, okf := units[from]
		t, okt := units[to]
		if !okf || !okt {
			return 0, false
		}
		if from == to {
			return v, true
		}
		return v * f / t, true
	}
}

// temperature is kelvin = (value - zero) * size + offset. The scales are
// linear, so that two numbers give each.
type temperature struct{ size, kelvinAtZero float64 }

var temperatures = map[string]temperature{
	"Kelvin":             {1, 0},
	"DegreeCelsius":      {1, 273.15},
	"MillidegreeCelsius": {0.001, 273.15},
	"DegreeFahrenheit":   {5.0 / 9, 459.67 * 5 / 9},
	"DegreeRankine":      {5.0 / 9, 0},
	"DegreeDelisle":      {-2.0 / 3, 373.15},
	"DegreeNewton":       {100.0 / 33, 273.15},
	"DegreeReaumur":      {1.25, 273.15},
	"DegreeRoemer":       {40.0 / 21, 273.15 - 7.5*40/21},
	"SolarTemperature":   {5778, 0},
}

func convertTemperature(v float64, from, to string) (float64, bool) {
	f, okf := temperatures[from]
	t, okt := temperatures[to]
	if !okf || !okt {
		return 0, false
	}
	if from == to {
		return v, true
	}
	return (v*f.size + f.kelvinAtZero - t.kelvinAtZero) / t.size, true
}

// The units, as Kusto's documentation lists them, in that which is 1.
var (
	angles = map[string]float64{
		"Radian": 1, "Centiradian": 1e-2, "Deciradian": 1e-1, "Milliradian": 1e-3, "Microradian": 1e-6, "Nanoradian": 1e-9,
		"Degree": math.Pi / 180, "Millidegree": math.Pi / 180e3, "Microdegree": math.Pi / 180e6, "Nanodegree": math.Pi / 180e9,
		"Arcminute": math.Pi / 10800, "Arcsecond": math.Pi / 648000, "Gradian": math.Pi / 200, "NatoMil": math.Pi / 3200,
		"Revolution": 2 * math.Pi, "Tilt": math.Pi / 2,
	}
	energies = merge(map[string]float64{
		"Joule": 1, "Millijoule": 1e-3, "Kilojoule": 1e3, "Megajoule": 1e6, "Gigajoule": 1e9,
		"Calorie": 4.184, "Kilocalorie": 4184, "Megacalorie": 4.184e6,
		"BritishThermalUnit": btu, "KilobritishThermalUnit": btu * 1e3, "MegabritishThermalUnit": btu * 1e6, "GigabritishThermalUnit": btu * 1e9,
		"ThermEc": 1.05505585262e8, "ThermUs": 1.054804e8, "ThermImperial": 1.05505585257348e8,
		"DecathermEc": 1.05505585262e9, "DecathermUs": 1.054804e9, "DecathermImperial": 1.05505585257348e9,
		"ElectronVolt": ev, "KiloelectronVolt": ev * 1e3, "MegaelectronVolt": ev * 1e6, "GigaelectronVolt": ev * 1e9, "TeraelectronVolt": ev * 1e12,
		"Erg": 1e-7, "FootPound": 1.355817948, "HorsepowerHour": 2.6845195377e6,
	}, prefixed("WattHour", 3600), prefixed("WattDay", 86400))
	forces = map[string]float64{
		"Newton": 1, "Decanewton": 10, "Kilonewton": 1e3, "Meganewton": 1e6, "Millinewton": 1e-3, "Micronewton": 1e-6,
		"Dyn": 1e-5, "KilogramForce": gravity, "KiloPond": gravity, "TonneForce": gravity * 1e3,
		"PoundForce": poundForce, "KilopoundForce": poundForce * 1e3, "OunceForce": poundForce / 16, "ShortTonForce": poundForce * 2e3,
		"Poundal": 0.138254954376,
	}
	lengths = map[string]float64{
		"Meter": 1, "Nanometer": 1e-9, "Micrometer": 1e-6, "Millimeter": 1e-3, "Centimeter": 1e-2, "Decimeter": 1e-1, "Decameter": 10, "Hectometer": 100, "Kilometer": 1e3,
		"Angstrom": 1e-10, "AstronomicalUnit": 1.4959787070e11, "LightYear": lightYear, "KilolightYear": lightYear * 1e3, "MegalightYear": lightYear * 1e6,
		"Parsec": parsec, "Kiloparsec": parsec * 1e3, "Megaparsec": parsec * 1e6, "SolarRadius": 6.95510e8,
		"Inch": inch, "Microinch": inch * 1e-6, "Mil": inch * 1e-3, "Foot": foot, "Hand": inch * 4, "Yard": foot * 3, "Fathom": foot * 6, "Shackle": 27.432, "Chain": 20.1168, "Mile": mile, "DataMile": 1828.8, "NauticalMile": 1852,
		"DtpPica": inch / 6, "DtpPoint": inch / 72, "PrinterPica": inch / 6.02250006022500, "PrinterPoint": inch / 72.27, "Twip": inch / 1440, "UsSurveyFoot": 1200.0 / 3937,
	}
	masses = map[string]float64{
		"Gram": 1, "Nanogram": 1e-9, "Microgram": 1e-6, "Milligram": 1e-3, "Centigram": 1e-2, "Decigram": 1e-1, "Decagram": 10, "Hectogram": 100, "Kilogram": 1e3,
		"Tonne": 1e6, "Kilotonne": 1e9, "Megatonne": 1e12,
		"Grain": pound / 7000, "Ounce": pound / 16, "Pound": pound, "Kilopound": pound * 1e3, "Megapound": pound * 1e6, "Stone": pound * 14,
		"ShortHundredweight": pound * 100, "LongHundredweight": pound * 112, "ShortTon": pound * 2000, "LongTon": pound * 2240, "Slug": 14593.90293720636,
		"EarthMass": 5.9722e27, "SolarMass": 1.98947e33,
	}
	speeds  = speedUnits()
	volumes = map[string]float64{
		"CubicMeter": 1, "HectocubicMeter": 100, "KilocubicMeter": 1e3, "CubicDecimeter": 1e-3, "CubicCentimeter": 1e-6, "CubicMillimeter": 1e-9, "CubicMicrometer": 1e-18, "CubicHectometer": 1e6, "CubicKilometer": 1e9,
		"Liter": 1e-3, "Microliter": 1e-9, "Milliliter": 1e-6, "Centiliter": 1e-5, "Deciliter": 1e-4, "Decaliter": 1e-2, "Hectoliter": 1e-1, "Kiloliter": 1, "Megaliter": 1e3,
		"CubicInch": inch * inch * inch, "CubicFoot": foot * foot * foot, "HectocubicFoot": foot * foot * foot * 100, "KilocubicFoot": foot * foot * foot * 1e3, "MegacubicFoot": foot * foot * foot * 1e6, "CubicYard": foot * foot * foot * 27, "CubicMile": mile * mile * mile,
		"AcreFoot": 1 / 0.000810714, "BoardFoot": inch * inch * inch * 144, "OilBarrel": 0.158987294928,
		"ImperialGallon": ukGallon, "KiloimperialGallon": ukGallon * 1e3, "MegaimperialGallon": ukGallon * 1e6, "ImperialPint": ukGallon / 8, "ImperialOunce": ukGallon / 160, "ImperialBeerBarrel": ukGallon * 36,
		"UsGallon": usGallon, "DeciusGallon": usGallon / 10, "DecausGallon": usGallon * 10, "HectousGallon": usGallon * 100, "KilousGallon": usGallon * 1e3, "MegausGallon": usGallon * 1e6,
		"UsQuart": usGallon / 4, "UsPint": usGallon / 8, "UsOunce": usGallon / 128, "UsTablespoon": usGallon / 256, "UsTeaspoon": usGallon / 768, "UsCustomaryCup": usGallon / 16, "UsLegalCup": 0.00024, "UsBeerBarrel": usGallon * 31,
		"MetricCup": 0.00025, "MetricTeaspoon": 5e-6, "AuTablespoon": 2e-5, "UkTablespoon": 1.5e-5,
	}
)

const (
	btu        = 1055.05585262
	ev         = 1.602176565e-19
	gravity    = 9.80665
	inch       = 0.0254
	foot       = 0.3048
	mile       = 1609.344
	lightYear  = 9.46073047258e15
	parsec     = 3.08567758128e16
	pound      = 453.59237
	poundForce = 4.4482216152605
	ukGallon   = 0.00454609
	usGallon   = 0.003785411784
)

// prefixed is a unit and its thousands.
func prefixed(unit string, size float64) map[string]float64 {
	return map[string]float64{
		unit: size, "Kilo" + lowerFirst(unit): size * 1e3, "Mega" + lowerFirst(unit): size * 1e6,
		"Giga" + lowerFirst(unit): size * 1e9, "Tera" + lowerFirst(unit): size * 1e12,
	}
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func merge(maps ...map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for _, m := range maps {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// speedUnits combines lengths and times.
func speedUnits() map[string]float64 {
	out := map[string]float64{"Knot": 1852.0 / 3600}
	times := map[string]float64{"Second": 1, "Minute": 60, "Hour": 3600}
	for _, unit := range []string{"Nanometer", "Micrometer", "Millimeter", "Centimeter", "Decimeter", "Meter", "Kilometer", "Inch", "Foot", "Yard", "Mile", "UsSurveyFoot"} {
		for t, seconds := range times {
			out[unit+"Per"+t] = lengths[unit] / seconds
		}
	}
	return out
}
