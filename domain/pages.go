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
		"shot": {
			Does: "Moves the new site's clips half the way of linear-ot, then trains a small adapter until the classifier is sure of each clip, its answers match the " +
				"estimated mix of classes, and clips agree with their class's centre.",
			When:   "A site that looks different, where linear-ot helps and is not enough. Needs a linear classifier (zero-shot, logistic, ridge). What the safety gate refuses is answered by the best closed form.",
			Cost:   "100 steps of O(m d r + m d C), m up to 1,000 clips, r = 16; some seconds.",
			Source: "Liang, Hu and Feng 2020 (SHOT), with the estimated mix in place of an even one, on an adapter over frozen embeddings.",
		},
		"tda": {
			Does:   "Takes the new site's clips one by one; the surest seen so far of each class, and the undecided ones, have a say on those that follow. It is replayed in 20 orders, and says how many answers depend on the order.",
			When:   "Zero-shot on a stream of clips. Expect little: the published weights are small at the model's logit scale. Behind the safety gate.",
			Cost:   "O(C d) a clip and order.",
			Source: "Karmanov et al. 2024 (TDA), constants for actions converted to this logit scale; a clip is answered before it is learned from, and entropy is measured in one unit.",
		},
		"running-gaussian": {
			Does:   "Classes are Gaussians that start where the old site has them and move with every clip of the new one. It is replayed in 20 orders, and says how many answers depend on the order.",
			When:   "A stream of clips of a site that differs a little; the online relative of stata. Behind the safety gate.",
			Cost:   "O(C d) a clip and order.",
			Source: "After Fuchs et al. 2025 (OGA) and Han et al. 2024 (DOTA), with the constants of stata.",
		},
		"mmd": {
			Does:   "Trains a small adapter of both sites' clips, after the best closed form, until a kernel sees no difference between them, while labelled clips of the old site keep their classes.",
			When:   "200 clips of the new site and more, where the closed forms leave a difference that shift still finds. Needs a linear classifier; behind the safety gate.",
			Cost:   "100 steps of O(m² d), m up to 200 clips a site; some seconds.",
			Source: "Long et al. 2015, with the kernels of the MMD test and source clips weighted by the estimated mix.",
		},
		"dann": {
			Does:   "As mmd, against a discriminator that learns to tell the sites apart and whose gradient is reversed on the way to the adapter.",
			When:   "As mmd. It depends most on its settings; try it last.",
			Cost:   "100 steps of O(m d h), m up to 1,000 clips a site, h = 64; some seconds.",
			Source: "Ganin and Lempitsky 2015, with a small discriminator and Adam.",
		},
	}
}
