package fn

// slow are the functions that take more than a microsecond a row on flat
// columns, and why; BenchmarkFunctions tells. Columns of a dictionary, and
// shapes that come again, are computed once.
var slow = map[string]string{
	"beta_inv":                 "it searches for the value, by the continued fraction of beta_cdf()",
	"dcount_hll":               "it reads the registers of a sketch",
	"extract_all":              "it runs a regular expression over the whole text, and writes all matches",
	"geo_info_from_ip_address": "it walks the tree of the database file, and writes a bag",
	"geo_geohash_neighbors":    "it computes and writes eight cells",
	"bag_merge":                "it reads and writes the bags",
}

func init() {
	for reason, names := range map[string][]string{
		"it intersects the edges of two shapes on the sphere": {
			"geo_intersection_2lines", "geo_intersection_2polygons", "geo_intersection_line_with_polygon",
			"geo_intersects_2lines", "geo_intersects_2polygons", "geo_intersects_line_with_polygon",
		},
		"it computes a new shape, edge by edge, and writes it": {
			"geo_line_buffer", "geo_polygon_buffer", "geo_point_buffer", "geo_line_densify", "geo_polygon_densify", "geo_line_simplify", "geo_polygon_simplify",
			"geo_simplify_polygons_array", "geo_union_lines_array", "geo_union_polygons_array", "geo_from_wkt",
		},
		"it computes and writes many cells": {
			"geo_line_to_s2cells", "geo_polygon_to_s2cells", "geo_polygon_to_h3cells", "geo_h3cell_children", "geo_h3cell_neighbors", "geo_h3cell_rings",
			"geo_s2cell_neighbors",
		},
		"it computes the corners or the middle of a cell and writes GeoJSON": {
			"geo_h3cell_to_polygon", "geo_h3cell_to_central_point", "geo_geohash_to_polygon", "geo_s2cell_to_polygon",
		},
		"it adds up the edges of a shape": {"geo_line_centroid", "geo_polygon_centroid"},
		"it computes a model of the whole series": {
			"series_decompose", "series_decompose_anomalies", "series_decompose_forecast", "series_fft", "series_ifft", "series_fit_2lines", "series_fit_2lines_dynamic",
			"series_fit_line", "series_fit_line_dynamic", "series_fit_poly", "series_outliers", "series_periods_detect", "series_periods_validate", "series_seasonal",
			"series_fir", "series_iir",
		},
		"it compresses, or takes apart what is compressed": {
			"gzip_compress_to_base64_string", "gzip_decompress_from_base64_string", "zlib_compress_to_base64_string", "zlib_decompress_from_base64_string",
		},
		"it reads a document with another syntax than ours": {"parse_user_agent", "parse_xml"},
	} {
		for _, name := range names {
			slow[name] = reason
		}
	}
}

// Slow says why a function takes more than a microsecond a row; "" of those
// that do not.
func (s *Scalar) Slow() string { return slow[s.Name] }

// SlowCount is how many functions have such a reason.
func SlowCount() int { return len(slow) }
