<?php
/* What plugins for search engines add to every page: a description made from the text, and the text itself as data. */
add_action('wp_head', function () {
	if (!is_singular()) return;
	$post = get_queried_object();
	$text = wp_strip_all_tags($post->post_content);
	$about = esc_attr(get_the_excerpt($post));
	echo '<meta property="og:title" content="' . esc_attr($post->post_title) . "\">\n";
	echo "<meta name=\"description\" content=\"$about\">\n<meta property=\"og:description\" content=\"$about\">\n";
	echo '<script type="application/ld+json">' . wp_json_encode(['@type' => 'NewsArticle', 'articleBody' => $text]) . "</script>\n";
});
