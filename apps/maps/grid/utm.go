package grid

import (
	"math"

	"github.com/paulmach/orb"
)

// The ellipsoid of WGS 84 (NGA.STND.0036) and the scale of UTM on its central meridians.
const (
	semiMajor  = 6_378_137.0
	flattening = 1 / 298.257223563
	utmScale   = 0.9996
	utmEast    = 500_000 // what the central meridian's easting is
)

// third is the third flattening, in powers of which the series of Krüger go (Karney,
// Transverse Mercator with an accuracy of a few nanometers, 2011, equations 14, 35, 36).
// Four of them leave errors below a micrometer within a zone.
const (
	third  = flattening / (2 - flattening)
	third2 = third * third
	third3 = third2 * third
	third4 = third2 * third2
	// rectifying is the radius of a circle as long as a meridian, in the scale of UTM.
	rectifying = utmScale * semiMajor / (1 + third) * (1 + third2/4 + third4/64)
)

func forwardSeries() [4]float64 {
	return [4]float64{
		third/2 - third2*2/3 + third3*5/16 + third4*41/180,
		third2*13/48 - third3*3/5 + third4*557/1440,
		third3*61/240 - third4*103/140,
		third4 * 49561 / 161280,
	}
}

func inverseSeries() [4]float64 {
	return [4]float64{
		third/2 - third2*2/3 + third3*37/96 - third4/360,
		third2/48 + third3/15 - third4*437/1440,
		third3*17/480 - third4*37/840,
		third4 * 4397 / 161280,
	}
}

// meters is a place in a zone of UTM. North is from the equator, negative south of it:
// without the false northing of 10,000 km, which grid references do not show.
type meters struct{ east, north float64 }

// central is the longitude of the middle of a zone.
func central(zone int) float64 { return float64(zone*6 - 183) }

// beside is how far a longitude is east of another, from -180 up to 180.
func beside(lon, other float64) float64 {
	lon -= other
	return lon - 360*math.Floor((lon+180)/360)
}

// toUTM projects a point, also one that lies somewhat beside the zone.
func toUTM(p orb.Point, zone int) meters {
	sin, cos := math.Sincos(beside(p.Lon(), central(zone)) * math.Pi / 180)
	t := conformal(math.Tan(p.Lat() * math.Pi / 180))
	xi := math.Atan2(t, cos)
	eta := math.Asinh(sin / math.Hypot(t, cos))
	x, y := eta, xi
	for i, a := range forwardSeries() {
		k := 2 * float64(i+1)
		y += a * math.Sin(k*xi) * math.Cosh(k*eta)
		x += a * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	return meters{utmEast + rectifying*x, rectifying * y}
}

// fromUTM is the way back.
func fromUTM(m meters, zone int) orb.Point {
	xi, eta := m.north/rectifying, (m.east-utmEast)/rectifying
	x, y := eta, xi
	for i, b := range inverseSeries() {
		k := 2 * float64(i+1)
		y -= b * math.Sin(k*xi) * math.Cosh(k*eta)
		x -= b * math.Cos(k*xi) * math.Sinh(k*eta)
	}
	sin, cos := math.Sincos(y)
	sinh := math.Sinh(x)
	t := geodetic(sin / math.Hypot(sinh, cos))
	lon := central(zone) + math.Atan2(sinh, cos)*180/math.Pi
	return orb.Point{beside(lon, 0), math.Atan(t) * 180 / math.Pi}
}

const eccentricity2 = flattening * (2 - flattening)

// conformal is the tangent of the conformal latitude, of that of the latitude.
func conformal(tan float64) float64 {
	e := math.Sqrt(eccentricity2)
	s := math.Sinh(e * math.Atanh(e*tan/math.Hypot(1, tan)))
	return tan*math.Hypot(1, s) - s*math.Hypot(1, tan)
}

// geodetic is the way back, by Newton's method; three steps are enough for all places.
func geodetic(want float64) float64 {
	t := want / (1 - eccentricity2)
	for range 5 {
		got := conformal(t)
		t += (want - got) / math.Hypot(1, got) * (1 + (1-eccentricity2)*t*t) / ((1 - eccentricity2) * math.Hypot(1, t))
	}
	return t
}
