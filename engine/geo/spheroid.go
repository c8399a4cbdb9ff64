package geo

import "math"

// The WGS-84 spheroid.
const (
	equatorRadius = 6378137.0
	flattening    = 1 / 298.257223563
	poleRadius    = equatorRadius * (1 - flattening)
)

// SpheroidDistance is the metres between two points on the WGS-84 spheroid.
func SpheroidDistance(lng1, lat1, lng2, lat2 float64) (float64, bool) {
	if !validPoint(lng1, lat1) || !validPoint(lng2, lat2) {
		return 0, false
	}
	d, ok := vincenty(lng1, lat1, lng2, lat2)
	if !ok {
		d = nearAntipodal(lng1, lat1, lng2, lat2)
	}
	return d, true
}

// vincenty solves the inverse problem by Vincenty's iteration over the
// difference of longitude on the auxiliary sphere. It does not converge for
// points almost opposite each other.
func vincenty(lng1, lat1, lng2, lat2 float64) (float64, bool) {
	const degree = math.Pi / 180
	if lng1 == lng2 && lat1 == lat2 {
		return 0, true
	}
	l := math.Remainder((lng2-lng1)*degree, 2*math.Pi)
	sinU1, cosU1 := math.Sincos(math.Atan((1 - flattening) * math.Tan(lat1*degree)))
	sinU2, cosU2 := math.Sincos(math.Atan((1 - flattening) * math.Tan(lat2*degree)))
	lambda := l
	for range 200 {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinSigma == 0 {
			return 0, cosL > 0
		}
		cosSigma := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := cosU1 * cosU2 * sinL / sinSigma
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cosMid := 0.0 // of twice the angle to the middle; both points on the equator have none
		if cos2Alpha > 1e-15 {
			cosMid = cosSigma - 2*sinU1*sinU2/cos2Alpha
		}
		c := flattening / 16 * cos2Alpha * (4 + flattening*(4-3*cos2Alpha))
		last := lambda
		lambda = l + (1-c)*flattening*sinAlpha*(sigma+c*sinSigma*(cosMid+c*cosSigma*(2*cosMid*cosMid-1)))
		if math.Abs(lambda) > math.Pi {
			return 0, false
		}
		if math.Abs(lambda-last) < 1e-12 {
			return arcLength(sigma, sinSigma, cosSigma, cosMid, cos2Alpha), true
		}
	}
	return 0, false
}

// arcLength turns an arc of the auxiliary sphere into metres.
func arcLength(sigma, sinSigma, cosSigma, cosMid, cos2Alpha float64) float64 {
	u2 := cos2Alpha * (equatorRadius*equatorRadius - poleRadius*poleRadius) / (poleRadius * poleRadius)
	a := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
	b := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
	delta := b * sinSigma * (cosMid + b/4*(cosSigma*(2*cosMid*cosMid-1)-
		b/6*cosMid*(4*sinSigma*sinSigma-3)*(4*cosMid*cosMid-3)))
	return poleRadius * a * (sigma - delta)
}

// nearAntipodal finds the shortest way between points almost opposite each
// other: it passes the circle half way between them, so the best point of that
// circle is sought. From there both are far from opposite.
func nearAntipodal(lng1, lat1, lng2, lat2 float64) float64 {
	p := toPoint(lng1, lat1)
	x := p.Ortho()
	y := p.Cross(x)
	via := func(angle float64) float64 {
		sin, cos := math.Sincos(angle)
		m := toPosition(pointOf(x.Mul(cos).Add(y.Mul(sin))))
		d1, ok1 := vincenty(lng1, lat1, m[0], m[1])
		d2, ok2 := vincenty(m[0], m[1], lng2, lat2)
		if !ok1 || !ok2 {
			return math.Inf(1)
		}
		return d1 + d2
	}
	const steps = 72
	best := 0.0
	for i := range steps {
		if a := 2 * math.Pi / steps * float64(i); via(a) < via(best) {
			best = a
		}
	}
	low, high := best-2*math.Pi/steps, best+2*math.Pi/steps
	for range 60 {
		third := (high - low) / 3
		if via(low+third) < via(high-third) {
			high -= third
		} else {
			low += third
		}
	}
	return via((low + high) / 2)
}
