<?php
/* Publishes the articles, and prints their numbers. What is paid has the word CANARY. */
$_SERVER['HTTP_HOST'] = 'a.test';
$_SERVER['REQUEST_URI'] = '/';
require '/wordpress/wp-load.php';
wp_set_current_user(1);
update_option('siteurl', 'https://a.test');
update_option('home', 'https://a.test');
switch_theme(getenv('THEME') ?: get_stylesheet());

$block = fn ($name, $html) => "<!-- wp:$name -->\n$html\n<!-- /wp:$name -->\n";
$free = $block('paragraph', '<p>The FREE part of the bridge.</p>');
$paid = $block('paragraph', '<p>CANARY in a paragraph.</p>')
	. $block('heading', '<h2 class="wp-block-heading" id="CANARY">CANARY in a heading</h2>')
	. $block('image', '<figure class="wp-block-image"><img src="https://a.test/CANARY.jpg" srcset="https://a.test/CANARY-2.jpg 2x" alt="CANARY"/><figcaption>CANARY</figcaption></figure>')
	. $block('list', '<ul><li>CANARY in a list</li></ul>')
	. $block('quote', '<blockquote class="wp-block-quote"><p>CANARY in a quote</p></blockquote>')
	. $block('table', '<figure class="wp-block-table"><table><tbody><tr><td>CANARY</td></tr></tbody></table></figure>');
$marker = $block('html', '<!--members-only-->');
$posts = [
	'blocks' => $free . $marker . $paid,
	'more' => $free . $block('more', '<!--more-->') . $paid,
	'nested' => $block('group', '<div class="wp-block-group"><p>The FREE part of the bridge.</p>' . $marker . '<p>CANARY within the group</p></div>') . $paid,
	'columns' => $free . $block('columns', '<div class="wp-block-columns"><div class="wp-block-column">' . $marker . '<p>CANARY</p></div><div class="wp-block-column"><p>CANARY beside it</p></div></div>'),
	'classic' => "The FREE part of the bridge.\n\n<!--more-->\n\nCANARY in the old editor.\n\n[gallery]\n\nCANARY again.",
	'unmarked' => $paid,
];
foreach ($posts as $name => $content) {
	$id = wp_insert_post(wp_slash(['post_title' => "The bridge: $name", 'post_content' => $content, 'post_status' => 'publish', 'post_author' => 1]));
	wp_insert_comment(['comment_post_ID' => $id, 'comment_content' => 'CANARY quoted by a reader', 'comment_author' => 'Bob', 'comment_approved' => 1]);
	echo "$name $id\n";
}
