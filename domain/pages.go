package domain

import "framepilot/probe"

// pages are the methods' entries in the manual, by name.
func pages() map[string]probe.Page {
	const (
		expected = "The strength is chosen, none included, on labelled clips of the old site and unlabelled ones of the new."
		moments  = "O(n d² + d³) for each way of weighting; tenths of a second to seconds at d = 512."
	)
	return map[string]probe.Page{
		"center": {
			Does:   "Moves every clip of the new site by the difference of the two sites' means, then asks the old classifier. " + expected,
			When:   "Another camera, light or exposure, and few clips of the new site. Not where the mix of classes differs much.",
			Cost:   "O(n d).",
			Source: "The mean part of adaptive batch normalisation (Li et al. 2017), on embeddings.",
		},
		"coral": {
			Does:   "Matches the mean and covariance of the new site's clips to those of the old: whitens, then colours. " + expected,
			When:   "Sites that differ in more than their mean, with some hundred clips of the new one.",
			Cost:   moments,
			Source: "Sun, Feng and Saenko 2016, in the direction new site to old, so that texts and thresholds stay valid; covariances shrunk as Ledoit and Wolf 2004.",
		},
		"linear-ot": {
			Does:   "Matches mean and covariance as coral does, by the map that moves clips the least. " + expected,
			When:   "As coral; the safer of the two where covariances differ much.",
			Cost:   moments,
			Source: "Optimal transport between normal distributions (Knott and Smith 1984; Flamary et al. 2019).",
		},
		"em-prior": {
			Does:   "Estimates the new site's mix of classes by expectation and maximisation on calibrated posteriors, and corrects the posteriors for it.",
			When:   "The same look, other frequencies. It is kept from harm by a test for another look and by reverse validation.",
			Cost:   "O(n C) a step.",
			Source: "Saerens, Latinne and Decaestecker 2002, with one clip spread over all classes, without which it runs into a corner on few clips.",
		},
		"bbse": {
			Does:   "Estimates the new site's mix of classes from what the classifier says there and its confusions at the old site.",
			When:   "As em-prior, where posteriors are not to be trusted but decisions are.",
			Cost:   "O(n C + C³).",
			Source: "Lipton, Wang and Smola 2018.",
		},
		"stata": {
			Does:   "Models classes as Gaussians over the new site's own clips, held to where the old site has them, and lets neighbouring clips agree.",
			When:   "Many clips of the new site at once, of some or all classes. Its answers are used only where they pass the safety gate.",
			Cost:   "O(n² d + n C d) a step, fifty steps.",
			Source: "Zanella et al. 2025 (StatA), constants converted to this logit scale.",
		},
	}
}
